"""Small files as customers attach them: real PNG and PDF, drawn here."""

from __future__ import annotations

import random
import struct
import zlib

_INK = ((38, 44, 48), (92, 64, 51), (133, 61, 36), (11, 100, 120), (190, 182, 170))


def draw_png(seed: str, width: int = 480, height: int = 320) -> bytes:
    """A picture of a panel with a display and lamps; another seed, another one."""
    dice = random.Random(seed)  # noqa: S311  a drawing, no secret
    ground, edge, light = dice.sample(_INK, 3)
    lamps = [
        (70 + 68 * at, 250, dice.choice(((196, 52, 44), (70, 150, 90), light))) for at in range(6)
    ]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows.extend(_pixel(x, y, ground, edge, lamps))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(bytes(rows), 6)),
            _chunk(b"IEND", b""),
        )
    )


def write_pdf(title: str, lines: list[str]) -> bytes:
    """One A4 page in Helvetica. Latin letters only: the standard fonts know no others."""
    text = ["BT /F1 18 Tf 60 770 Td", f"({_escape(title)}) Tj", "/F1 11 Tf 0 -36 Td"]
    for line in lines:
        text += [f"({_escape(line)}) Tj", "0 -18 Td"]
    stream = "\n".join([*text, "ET"]).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


Colour = tuple[int, int, int]


def _pixel(
    x: int, y: int, ground: Colour, edge: Colour, lamps: list[tuple[int, int, Colour]]
) -> Colour:
    if 60 <= x < 420 and 50 <= y < 200:  # the display
        return (24, 58, 54) if (x // 6 + y // 6) % 7 else (126, 214, 170)
    if 48 <= x < 432 and 38 <= y < 212:
        return edge
    for at, height, colour in lamps:
        if (x - at) ** 2 + (y - height) ** 2 < 420:
            return colour
    shade = 24 * y // 320
    return (max(ground[0] - shade, 0), max(ground[1] - shade, 0), max(ground[2] - shade, 0))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
