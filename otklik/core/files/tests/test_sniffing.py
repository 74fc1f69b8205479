import io
import zipfile

import pytest

from otklik.core.files.sniffing import sniff


def archive(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name in names:
            content = "application/vnd.oasis.opendocument.text" if name == "mimetype" else "x"
            made.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3", "application/pdf"),
        (archive("a.txt"), "application/zip"),
        (archive("[Content_Types].xml", "word/document.xml"),
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (archive("mimetype", "content.xml"), "application/vnd.oasis.opendocument.text"),
        ("привет".encode()[:-1], "text/plain"),
        (b"", "text/plain"),
        (b" \n<!DOCTYPE html><p>", "text/html"),
        (b"<!-- x --><SVG onload=alert(1)>", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg>", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"\x00\x01\x02\x03" * 9, "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_bytes_tell_what_a_file_is(content, content_type):
    assert sniff(content) == content_type
