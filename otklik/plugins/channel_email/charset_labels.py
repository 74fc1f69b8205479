"""What the charset labels of mails mean: official names, vendors' names and typing errors."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Spellings without any sign between letters and digits, as `_squeezed` makes them.
_ALIASES = {
    "ansi": "cp1252",
    "ansix341968": "ascii",
    "ansix3110": "cp1252",
    "ansix31101983": "cp1252",
    "ascii8bit": "",
    "asmo708": "iso8859-6",
    "big5": "cp950",
    "big5eten": "cp950",
    "big5hkscs": "big5hkscs",
    "csbig5": "cp950",
    "cseuckr": "cp949",
    "cseucpkdfmtjapanese": "euc_jp",
    "csgb2312": "gb18030",
    "csiso2022jp": "iso2022_jp",
    "csiso2022kr": "iso2022_kr",
    "csisolatin1": "cp1252",
    "csisolatincyrillic": "iso8859-5",
    "cskoi8r": "koi8-r",
    "csksc56011987": "cp949",
    "csmacintosh": "mac_roman",
    "csshiftjis": "cp932",
    "csunicode": "utf-16",
    "cyrillic": "iso8859-5",
    "euckr": "cp949",
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "gbk": "gb18030",
    "greek": "iso8859-7",
    "hebrew": "iso8859-8",
    "hz": "hz",
    "hzgb2312": "hz",
    "ibm866": "cp866",
    "iso2022jpms": "iso2022_jp",
    "iso2022jpext": "iso2022_jp_ext",
    "iso88591": "cp1252",
    "iso885911": "cp874",
    "iso88598e": "iso8859-8",
    "iso88598i": "iso8859-8",
    "iso88599": "cp1254",
    "isoir111": "koi8-r",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8ru": "koi8-u",
    "koi8t": "koi8-t",
    "ksc5601": "cp949",
    "ksc56011987": "cp949",
    "ksc56011989": "cp949",
    "korean": "cp949",
    "l1": "cp1252",
    "latin1": "cp1252",
    "latin5": "cp1254",
    "mac": "mac_roman",
    "maccentraleurope": "mac_latin2",
    "macce": "mac_latin2",
    "maccyrillic": "mac_cyrillic",
    "macgreek": "mac_greek",
    "macicelandic": "mac_iceland",
    "macintosh": "mac_roman",
    "macroman": "mac_roman",
    "macturkish": "mac_turkish",
    "macukrainian": "mac_cyrillic",
    "mskanji": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "tis620": "cp874",
    "ucs2": "utf-16",
    "ucs4": "utf-32",
    "unicode": "utf-16",
    "unicode11": "utf-16",
    "unicode11utf7": "utf-7",
    "unicode11utf8": "utf-8",
    "unicode20utf8": "utf-8",
    "usascii": "ascii",
    "utf": "utf-8",
    "utf8": "utf-8",
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
    "utf8n": "utf-8",
    "visual": "iso8859-8",
    "windows31j": "cp932",
    "winlatin1": "cp1252",
}
# What programs write when they do not know.
_UNKNOWN = re.compile(
    r"x?unknown(?:8bit)?|default|none|null|undefined|auto(?:detect)?|binary|[78]bit|xuserdefined"
    r"|userdefined|charset|xxx*|invalid|other|text|plain|iso|windows|cp|0"
)
# Microsoft's numbers for pages of others (an ``cp`` or ``windows`` before them).
_NUMBERED = {
    "932": "cp932",
    "936": "gb18030",
    "949": "cp949",
    "950": "cp950",
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "10000": "mac_roman",
    "10006": "mac_greek",
    "10007": "mac_cyrillic",
    "10017": "mac_cyrillic",
    "10029": "mac_latin2",
    "20127": "ascii",
    "20866": "koi8-r",
    "21866": "koi8-u",
    "50220": "iso2022_jp",
    "50221": "iso2022_jp",
    "50222": "iso2022_jp",
    "51932": "euc_jp",
    "51949": "cp949",
    "52936": "hz",
    "54936": "gb18030",
    "65000": "utf-7",
    "65001": "utf-8",
}
_PAGE = re.compile(
    r"(?:windows|win|wind?ow|microsoftcp|mscp|ms|cp|ansi|dos|ibm|codepage)+(\d{3,5})"
)
_ISO = re.compile(r"(?:iso)?8859(\d{1,2})[ei]?(?:\d{4})?")
_UTF = re.compile(r"utf(7|8|16|32)(le|be)?")
# Never by a label: codecs that are no charsets, that expand, or that nobody reads mail in.
_REFUSED = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"}


@lru_cache(maxsize=512)
def codec_name(label: str) -> str:
    """Python's name for a charset label, "" when it is none or says that nobody knows."""
    label = label.strip().strip("\"'`<>;,. \t").lower().partition("*")[0]
    for prefix in ("charset=", "charset:"):
        label = label.removeprefix(prefix).strip("\"' ")
    label = re.split(r"[;,\s\"]|http", label, maxsplit=1)[0].removeprefix("3d")
    if not label or len(label) > 60:
        return ""
    squeezed = re.sub(r"[^a-z0-9]", "", label)
    for name in (squeezed, squeezed.removeprefix("x"), squeezed.removeprefix("cs")):
        if name in _ALIASES:
            return _ALIASES[name]
        if _UNKNOWN.fullmatch(name):
            return ""
        found = _by_pattern(name)
        if found:
            return found
    return _python_name(label)


def _by_pattern(name: str) -> str:
    if found := _UTF.fullmatch(name):
        return f"utf-{found[1]}" + (f"-{found[2]}" if found[2] else "")
    if found := _ISO.fullmatch(name):
        return _ALIASES.get(f"iso8859{found[1]}") or _python_name(f"iso8859-{found[1]}")
    if found := _PAGE.fullmatch(name):
        number = found[1]
        if number.startswith("8859"):
            return _by_pattern(f"iso{number}")
        if number.startswith("2859"):
            return _by_pattern(f"iso8859{number[4:]}")
        return _NUMBERED.get(number) or _python_name(f"cp{number}")
    if name.startswith("koi8"):
        return "koi8-u" if "u" in name[4:] else "koi8-r"
    return ""


def _python_name(label: str) -> str:
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(found, "_is_text_encoding", True)
    name = found.name.replace("-", "_")
    if not is_text or name in _REFUSED or name.startswith(("cp037", "cp500", "cp1140", "cp1026")):
        return ""
    return found.name
