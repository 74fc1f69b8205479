"""RFC 2047 words, with what the wild makes of them.

Words inside quotes or glued to text, a language (RFC 2231), spaces and raw bytes inside, wrong
padding, letters cut between two words, the closing mark lost, ``=?`` doubled or encoded twice.
"""

from __future__ import annotations

import re

from .charsets import codec_name, decode
from .transfer import from_base64

# The text runs to ``?=``; a question mark followed by anything else belongs to it.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?\s?([bBqQ])\s?\?(.*?)\?(?:=|$)", re.DOTALL)
# "utf-8?B?0J/RgNC4?=": the two signs before it were lost on the way.
_BEHEADED = re.compile(
    r"(?<![^\s\"])(?:utf-8|windows-125\d|koi8-[ru]|iso-8859-\d{1,2}|us-ascii|gb2312|gb18030|big5)"
    r"\?[bBqQ]\?[^?\s]{1,200}\?=",
    re.IGNORECASE,
)
_BASE64_WORD = re.compile(r"[A-Za-z0-9+/=\s]*\Z")
_CUT = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\Z")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
MAX_WORDS = 4000
_Word = tuple[str, str, str]  # charset, encoding, text


def decode_words(value: str) -> str:
    """``value`` with its encoded words as text; what is no word stays as it is."""
    decoded = _decode_once(_BEHEADED.sub(r"=?\g<0>", value))
    # Some gateways encode what was encoded: once more, when words came out.
    if decoded != value and decoded.count("=?") and _WORD.search(decoded):
        decoded = _decode_once(decoded)
    return decoded


def _decode_once(value: str) -> str:
    output: list[str] = []
    run: list[_Word] = []
    position = 0
    for count, found in enumerate(_WORD.finditer(value)):
        if count >= MAX_WORDS:
            break
        between = value[position : found.start()]
        # Space between two words is none (RFC 2047 §6.2); some fold with a stray quote mark.
        if between.strip() or not run:
            output.append(_text_of(run))
            run = []
            output.append(between)
        run.append((found[1], found[2], found[3]))
        position = found.end()
    rest = value[position:]
    cut = _CUT.search(rest)
    if cut:
        if rest[: cut.start()].strip():
            output += [_text_of(run), rest[: cut.start()]]
            run = []
        run.append((cut[1], cut[2], cut[3]))
        rest = ""
    output += [_text_of(run), rest]
    return "".join(output)


def _text_of(run: list[_Word]) -> str:
    """Neighbours of one charset are joined before decoding: a letter may be cut in two."""
    texts: list[str] = []
    charset, data = "", b""
    for label, encoding, payload in _whole_quanta(run):
        piece = _bytes_of(encoding, payload)
        if data and codec_name(label) != codec_name(charset):
            texts.append(_decoded(data, charset))
            data = b""
        charset = label
        if data and _is_stateful(label):
            # Each word of ISO-2022 begins anew in ASCII.
            texts.append(_decoded(data, charset))
            data = b""
        data += piece
    if data:
        texts.append(_decoded(data, charset))
    return "".join(texts)


def _whole_quanta(run: list[_Word]) -> list[_Word]:
    """Words whose base64 was cut without regard to its groups of four are put together."""
    whole: list[_Word] = []
    for word in run:
        before = whole[-1] if whole else None
        if before is not None and before[1] in "bB" and word[1] in "bB":
            is_cut = len(before[2].strip()) % 4 and not before[2].rstrip().endswith("=")
            if is_cut and codec_name(before[0]) == codec_name(word[0]):
                whole[-1] = (before[0], before[1], before[2].strip() + word[2].strip())
                continue
        whole.append(word)
    return whole


def _is_stateful(label: str) -> bool:
    return codec_name(label).startswith(("iso2022", "hz", "utf-7"))


def _decoded(data: bytes, charset: str) -> str:
    return decode(data, charset)[0]


def _bytes_of(encoding: str, payload: str) -> bytes:
    """The bytes of one word. Letters that were decoded before us stand for their UTF-8."""
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _HEX.sub(lambda found: bytes([int(found[1], 16)]), data.replace(b"_", b" "))
    if _BASE64_WORD.match(payload) is None and not payload.isascii():
        return data
    return from_base64(data)
