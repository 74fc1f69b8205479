import io

import pytest

from otklik.core.web.downloads import send_file
from otklik.core.web.headers import apply_headers


def test_a_picture_is_shown_in_place_and_a_page_never_is() -> None:
    shown = send_file(io.BytesIO(b"x"), name="a.png", content_type="image/png", is_inline=True)
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"].startswith("inline")
    for hostile in ("text/html", "image/svg+xml", "application/pdf", "text/xml"):
        sent = send_file(io.BytesIO(b"x"), name="a.html", content_type=hostile, is_inline=True)
        assert sent["Content-Type"] == "application/octet-stream"
        assert sent["Content-Disposition"].startswith("attachment")
        apply_headers(None, sent)  # type: ignore[arg-type]
        assert "sandbox" in sent["Content-Security-Policy"]
        assert "script-src" not in sent["Content-Security-Policy"]
        assert sent["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\report.doc", "report.doc"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
        ("...", "file"),
    ],
)
def test_a_file_name_is_only_a_name(name: str, saved: str) -> None:
    sent = send_file(io.BytesIO(b"x"), name=name, content_type="text/plain")
    assert f'filename="{saved}"' in sent["Content-Disposition"]


def test_a_russian_file_name_arrives() -> None:
    sent = send_file(io.BytesIO(b"x"), name="Счёт № 5.pdf", content_type="application/pdf")
    assert "filename*=utf-8''%D0%A1%D1%87%D1%91%D1%82" in sent["Content-Disposition"]
