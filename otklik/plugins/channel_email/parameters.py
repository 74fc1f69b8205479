"""Parameters of Content-Type and Content-Disposition: RFC 2045, RFC 2231 and everything else.

Read as mail programs read them: continuations with and without charset and in any order, names in
RFC 2047 words inside or outside of quotes, raw eight-bit names, values with spaces that nobody
quoted, quotes nobody closed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from .charsets import decode, tidy
from .headers import decode_eight_bit, decode_field, unfold

MAX_PARAMETERS = 200
_NAME = re.compile(r"\s*([A-Za-z0-9!#$&^_.%+-]{1,60}\*?(?:\d{1,3}\*?)?)\s*=\s*")
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?\Z")
_BARE_END = re.compile(r";|[\r\n]+(?=[ \t]*[\w-]+\*?\d*\*?=)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_UNSAFE_NAME = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
LONGEST_NAME = 200


@dataclass(slots=True)
class Parameters:
    """Name → value as written, and the parts of RFC 2231 values by number."""

    plain: dict[str, str] = field(default_factory=dict)
    sections: dict[str, dict[int, tuple[str, bool]]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.plain or name in self.sections

    def text(self, name: str) -> str:
        """The decoded value, "" when missing. An RFC 2231 value wins over a plain one."""
        if name in self.sections:
            found = _joined(self.sections[name])
            if found:
                return found
        return self.plain.get(name, "")


def read_parameters(value: str) -> Parameters:
    """Everything of the form ``name=value`` in a raw field, after its first word."""
    found = Parameters()
    if "=" not in value:
        return found
    position = 0
    for _count in range(MAX_PARAMETERS):
        match = _NAME.match(value, position)
        if match is None:
            stop = value.find(";", position)
            if stop < 0:
                break
            position = stop + 1
            continue
        text, position = _value_at(value, match.end())
        _keep(found, match[1].lower(), text)
    return found


def _value_at(value: str, start: int) -> tuple[str, int]:
    """(value, where the next parameter begins)."""
    if value[start : start + 1] == '"':
        end = start + 1
        while True:
            end = value.find('"', end)
            if end < 0:
                break  # never closed: read as if it had no quotes
            if not _is_escaped(value, end) and _ends_here(value, end + 1):
                text = unfold_inside(value[start + 1 : end])
                stop = value.find(";", end)
                return _unescaped(text), len(value) if stop < 0 else stop + 1
            end += 1
        start += 1
    bare = _BARE_END.search(value, start)
    text = value[start : bare.start() if bare else len(value)]
    return unfold_inside(text).strip().strip('"'), bare.end() if bare else len(value)


def _is_escaped(value: str, at: int) -> bool:
    """A path of Windows ends in no escape: ``C:\\`` before the closing quote."""
    return value[at - 1] == "\\" and value[at - 2 : at - 1] != "\\"


def _ends_here(value: str, at: int) -> bool:
    """A quote inside a name (``"the "new" price.pdf"``) does not end it."""
    rest = value[at : at + 100].lstrip()
    return (
        not rest or rest[0] in ";(" or "\n" in value[at : at + 3] or _NAME.match(rest) is not None
    )


def unfold_inside(text: str) -> str:
    return unfold(text) if "\n" in text else text


def _unescaped(text: str) -> str:
    # Only quotes and backslashes: programs write paths of Windows without escaping them.
    return re.sub(r'\\(["\\])', r"\1", text)


def _keep(found: Parameters, name: str, text: str) -> None:
    section = _SECTION.match(name)
    if section is None:
        found.plain.setdefault(name.rstrip("*"), text)
        return
    number = int(section[2]) if section[2] else 0
    is_encoded = section[2] is None or bool(section[3])
    parts = found.sections.setdefault(section[1], {})
    if section[2] is None:
        # ``name*`` beside ``name*0``: the one that is whole.
        parts.clear()
    parts.setdefault(number, (text, is_encoded))


def _joined(parts: Mapping[int, tuple[str, bool]]) -> str:
    """Sections in the order of their numbers, whichever order they came in."""
    charset = ""
    data = b""
    for place, number in enumerate(sorted(parts)):
        text, is_encoded = parts[number]
        if (
            place == 0
            and text.count("'") >= 2
            and (is_encoded or re.match(r"[\w-]+'[\w-]*'", text))
        ):
            charset, _language, text = text.split("'", 2)
            is_encoded = True
        raw = text.encode("utf-8", "surrogateescape")
        # Programs forget the second star: percent signs that decode are percent signs.
        if is_encoded or (charset and _PERCENT.search(text)):
            raw = unquote_to_bytes(raw)
        data += raw
    text = decode(data, charset)[0]
    # RFC 2047 words in sections: forbidden, and written by Outlook and Yandex.
    return decode_field(text) if "=?" in text else text


def file_name(content_type: Parameters, disposition: Parameters) -> str:
    """What a person would call the file: without path, control and direction characters."""
    candidates = [
        _one_name(parameters.text(name))
        for parameters, name in (
            (disposition, "filename"),
            (content_type, "name"),
            (disposition, "name"),
            (content_type, "filename"),
        )
        if name in parameters
    ]
    named = [one for one in candidates if one]
    # Of two spellings the one whose letters were not lost.
    whole = [one for one in named if "\ufffd" not in one and "???" not in one]
    return (whole or named or [""])[0]


def _one_name(value: str) -> str:
    name = decode_field(decode_eight_bit(value))
    if _PERCENT.search(name) and _is_percent_encoded(name):
        name = decode(unquote_to_bytes(name))[0]
    return clean_name(name)


def _is_percent_encoded(name: str) -> bool:
    """``%D0%90`` and ``%20`` in a plain name: encoded, unless a bare percent sign says no."""
    if not name.isascii() or " " in name or len(_PERCENT.findall(name)) != name.count("%"):
        return False
    try:
        unquote_to_bytes(name).decode("utf-8")
    except UnicodeDecodeError:
        return len(_PERCENT.findall(name)) > 2
    return True


def clean_name(name: str) -> str:
    """A name that shows as what it is: no path, no controls, no reversed endings, 200 letters."""
    name = _UNSAFE_NAME.sub("", tidy(name).replace("\n", " "))
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = re.sub(r"\s+", " ", name).strip(" .\"'")
    if re.match(r"[A-Za-z]:\w", name):
        name = name[2:]
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST_NAME:
        return name
    if not dot or len(ending) > 20:
        return name[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - 1 - len(ending)]}.{ending}"
