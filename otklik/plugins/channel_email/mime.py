"""Writing RFC 5322 and MIME: fields folded and encoded so that every old program reads them.

The standard library's generator encodes long Message-IDs as if they were words (and breaks
threading), so fields are written here. No value can bring a line of its own: control characters
are taken out of everything.
"""

from __future__ import annotations

import quopri
import re
import secrets
from base64 import b64encode, encodebytes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.quoprimime import body_check
from urllib.parse import quote

from otklik.channels.contract import Address

LINE = 76
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
_TOKEN = re.compile(r"[A-Za-z0-9!#$&+.^_`{|}~-]+\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """One node of a MIME tree: fields, and bytes already encoded or children."""

    fields: tuple[tuple[str, str], ...]
    body: bytes = b""
    children: tuple[Part, ...] = ()

    def as_bytes(self, extra: Iterable[tuple[str, str]] = ()) -> bytes:
        """The part with CRLF line ends; ``extra`` fields come first."""
        if not self.children:
            return _fields([*extra, *self.fields]) + b"\r\n" + self.body
        boundary = f"=_{secrets.token_hex(16)}"
        (name, value), *others = self.fields
        fields = [*extra, (name, f'{value};\r\n boundary="{boundary}"'), *others]
        mark = boundary.encode("ascii")
        pieces = [_fields(fields), b"\r\n"]
        for child in self.children:
            pieces += [b"--", mark, b"\r\n", child.as_bytes(), b"\r\n"]
        pieces += [b"--", mark, b"--\r\n"]
        return b"".join(pieces)


def text_part(text: str, subtype: str) -> Part:
    """A text in UTF-8, in whichever transfer encoding is shorter."""
    data = re.sub(r"\r\n?", "\n", text).encode("utf-8", "replace")
    if not data.endswith(b"\n"):
        data += b"\n"
    quoted_length = sum(3 if body_check(byte) else 1 for byte in data)
    if quoted_length <= len(data) * 1.4:
        encoding = "quoted-printable"
        body = quopri.encodestring(data).replace(b"\n", b"\r\n")
    else:
        encoding = "base64"
        body = encodebytes(data.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    return Part(
        (
            ("Content-Type", f"text/{subtype}; charset=utf-8"),
            ("Content-Transfer-Encoding", encoding),
        ),
        body,
    )


def file_part(
    content: bytes, *, name: str, content_type: str, content_id: str = "", is_inline: bool = False
) -> Part:
    """A file. A message is never sent as message/*: that type may not be base64 (RFC 2046)."""
    kind = content_type if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,120}", content_type) else ""
    if not kind or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    disposition = "inline" if is_inline else "attachment"
    fields = [
        ("Content-Type", kind + parameter("name", name, with_words=True)),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", disposition + parameter("filename", name)),
    ]
    clean_id = re.sub(r"[^\w.@+=-]", "", content_id, flags=re.ASCII)
    if clean_id:
        fields.append(("Content-ID", f"<{clean_id}>"))
    return Part(tuple(fields), encodebytes(content).replace(b"\n", b"\r\n"))


def multipart(subtype: str, children: Sequence[Part]) -> Part:
    return Part((("Content-Type", f"multipart/{subtype}"),), children=tuple(children))


def parameter(name: str, value: str, *, with_words: bool = False) -> str:
    """``; name=value`` folded. Beyond ASCII: RFC 2231, or encoded words as old programs expect."""
    value = one_line(value).replace('"', "'").replace("\\", "_")
    if value.isascii() and len(value) <= 60:
        return f";\r\n {name}={value if _TOKEN.match(value) else chr(34) + value + chr(34)}"
    if with_words:
        return f';\r\n {name}="{encode_text(value)}"'
    encoded = quote(value.encode("utf-8", "replace"), safe="")
    pieces: list[str] = []
    rest = f"utf-8''{encoded}"
    while rest:
        length = min(len(rest), 60)
        # A percent triple is never cut.
        while length < len(rest) and "%" in rest[length - 2 : length]:
            length -= 1
        pieces.append(rest[:length])
        rest = rest[length:]
    if len(pieces) == 1:
        return f";\r\n {name}*={pieces[0]}"
    return "".join(f";\r\n {name}*{number}*={piece}" for number, piece in enumerate(pieces))


def encode_text(value: str) -> str:
    """A text for an unstructured field: as it is when ASCII, else RFC 2047 words, folded."""
    value = one_line(value)
    if value.isascii() and "=?" not in value and "?=" not in value:
        return fold(value.split(" "))
    return "\r\n ".join(_words(value))


def encode_addresses(addresses: Iterable[Address]) -> str:
    """A list of mailboxes, one per line."""
    return ",\r\n ".join(encode_address(address) for address in addresses)


def encode_address(address: Address) -> str:
    bare = re.sub(r"[\s<>]", "", one_line(address.address))
    name = one_line(address.name)
    if not name:
        return bare
    if _PLAIN_WORD.match(name) and "=?" not in name:
        shown = name
    elif name.isascii() and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{escaped}"'
    else:
        shown = "\r\n ".join(_words(name))
    return f"{shown}\r\n <{bare}>" if len(shown) + len(bare) > LINE - 12 else f"{shown} <{bare}>"


def encode_ids(ids: Iterable[str]) -> str:
    """Message-IDs in brackets, one per line, never encoded."""
    clean = (re.sub(r"[\s<>\x00-\x1f\x7f]", "", one) for one in ids)
    return "\r\n ".join(f"<{one}>" for one in clean if one)


def one_line(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()


def fold(words: Sequence[str]) -> str:
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) >= LINE - 10:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\r\n ".join(line for line in lines if line.strip()) or ""


def _words(value: str) -> list[str]:
    """Encoded words of at most 75 characters; no letter is cut (RFC 2047 §5)."""
    words: list[str] = []
    current = b""
    for letter in value:
        data = letter.encode("utf-8", "replace")
        if len(current) + len(data) > 42:
            words.append(_word(current))
            current = b""
        current += data
    return [*words, _word(current)]


def _word(data: bytes) -> str:
    return f"=?utf-8?B?{b64encode(data).decode('ascii')}?="


def _fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """Field lines. UTF-8 remains only in addresses (SMTPUTF8, RFC 6532)."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields if value).encode(
        "utf-8", "replace"
    )
