"""The Date field: RFC 5322, its obsolete forms, and what programs and people write instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .headers import Fields

EARLIEST, LATEST = 1971, 2200
# Month names by their beginnings, in the languages whose programs write them into headers.
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
    "янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8,
    "сен": 9, "окт": 10, "ноя": 11, "дек": 12,
    "січ": 1, "лют": 2, "бер": 3, "кві": 4, "тра": 5, "чер": 6, "лип": 7, "сер": 8, "вер": 9,
    "жов": 10, "лис": 11, "гру": 12,
    "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12,
    "fév": 2, "fev": 2, "avr": 4, "aoû": 8, "aou": 8, "déc": 12,
    "ene": 1, "abr": 4, "ago": 8, "dic": 12, "set": 9, "out": 10, "gen": 1, "mag": 5, "giu": 6,
    "lug": 7, "ott": 10,
    "sty": 1, "lut": 2, "kwi": 4, "maj": 5, "cze": 6, "lip": 7, "sie": 8, "wrz": 9, "paź": 10,
    "lis": 11, "gru": 12,
    "led": 1, "úno": 2, "bře": 3, "dub": 4, "kvě": 5, "čvn": 6, "čvc": 7, "srp": 8, "zář": 9,
    "říj": 10, "pro": 12,
    "oca": 1, "şub": 2, "nis": 4, "haz": 6, "tem": 7, "ağu": 8, "eyl": 9, "eki": 10, "kas": 11,
    "ara": 12,
    "қаң": 1, "ақп": 2, "нау": 3, "сәу": 4, "мам": 5, "мау": 6, "шіл": 7, "там": 8, "қыр": 9,
    "қаз": 10, "қар": 11, "жел": 12,
}  # fmt: skip
_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MET": 60,
    "MEZ": 60, "CEST": 120, "MEST": 120, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "MSD": 240, "SAMT": 240, "YEKT": 300, "OMST": 360, "NOVT": 420, "KRAT": 420, "IRKT": 480,
    "YAKT": 540, "VLAT": 600, "MAGT": 660, "IST": 330, "JST": 540, "KST": 540, "EST": -300,
    "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AST": -240, "ADT": -180, "HST": -600, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip
_CLOCK = re.compile(
    r"(\d{1,2})\s?[:.]\s?(\d{2})(?:\s?[:.]\s?(\d{2})(?:[.,]\d{1,9})?)?\s*([AaPp]\.?[Mm])?"
)
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|-?го)?[\s.\-/]*([^\W\d_]{3,12})\.?[\s.,\-/]*(\d{2,4})\b"
)
_NAMED_US = re.compile(
    r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:[\d:.]+\s+)?.{0,12}?(\d{4})\b"
)
_ISO = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{2,4})\b")
_OFFSET = re.compile(
    r"(?:GMT|UTC|UT)?\s?([+\-\u2212])\s?(\d{2}):?(\d{2})(?!\d)|(?:GMT|UTC)([+-])(\d{1,2})\b"
)
_EPOCH = re.compile(r"\s*@?(\d{9,10})(?:\.\d+)?\s*\Z")


def sent_at(fields: Fields) -> datetime | None:
    """When the letter says it was sent; None when missing, unreadable or out of e-mail's life."""
    from .headers import decode_field

    for name in ("date", "resent-date"):
        for raw in fields.raw_all(name)[:3]:
            found = read_date(decode_field(raw[:400]))
            if found is not None:
                return found
    return None


def read_date(text: str) -> datetime | None:
    """A date of a header, aware, in UTC; None for what is none."""
    if not text:
        return None
    try:
        at = _by_standard(text) or _by_hand(text)
        at = at.astimezone(UTC) if at else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at if at is not None and EARLIEST <= at.year <= LATEST else None


def _by_standard(text: str) -> datetime | None:
    parsed = parsedate_tz(re.sub(r"\s*:\s*", ":", text))
    if parsed is None or parsed[0] < EARLIEST - 1 or not text.isascii():
        return None
    try:
        at = datetime(*parsed[:6])  # noqa: DTZ001 - the zone follows
    except ValueError:
        return None
    # A single letter of the alphabet of zones means nothing (RFC 5322 §4.3): UTC.
    named = _zone_of(text)
    offset = named if named is not None else timedelta(seconds=parsed[9] or 0)
    if abs(offset) >= timedelta(hours=24):
        offset = timedelta()
    return at.replace(tzinfo=timezone(offset))


def _zone_of(text: str) -> timedelta | None:
    """The offset that is written, or that of a zone's name; a number wins over a name."""
    clock = _CLOCK.search(text)
    after = text[clock.end() :] if clock else text
    found = _OFFSET.search(after)
    if found and found[1]:
        minutes = int(found[2]) * 60 + min(int(found[3]), 59)
        return timedelta(minutes=minutes if found[1] == "+" else -minutes)
    if found and found[4]:
        return timedelta(hours=int(found[5]) if found[4] == "+" else -int(found[5]))
    for word in re.findall(r"\b[A-Z]{1,4}\b", after):
        if word in _ZONES:
            return timedelta(minutes=_ZONES[word])
    return None


def _by_hand(text: str) -> datetime | None:
    if found := _EPOCH.match(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    day = _day_of(text)
    if day is None:
        return None
    year, month, number = day
    hour = minute = second = 0
    if clock := _CLOCK.search(_without_day(text)):
        hour, minute, second = int(clock[1]), int(clock[2]), min(int(clock[3] or 0), 59)
        if clock[4]:
            hour = hour % 12 + (12 if clock[4][0] in "pP" else 0)
        if hour > 23 or minute > 59:
            hour = minute = second = 0
    at = datetime(year, month, number, hour, minute, second)  # noqa: DTZ001 - the zone follows
    offset = _zone_of(text)
    return at.replace(
        tzinfo=timezone(offset) if offset and abs(offset) < timedelta(days=1) else UTC
    )


def _without_day(text: str) -> str:
    """Dots stand in days as in clocks: the day is taken out before the clock is looked for."""
    text = _ISO.sub(" ", text, count=1)
    return _NUMBERS.sub(" ", text, count=1).replace("T", " ")


def _day_of(text: str) -> tuple[int, int, int] | None:
    if found := _ISO.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    for found in _NAMED.finditer(text):
        month = _MONTHS.get(found[2][:3].lower())
        if month:
            return _year(found[3]), month, int(found[1])
    for found in _NAMED_US.finditer(text):
        month = _MONTHS.get(found[1][:3].lower())
        if month:
            return int(found[3]), month, int(found[2])
    if found := _NUMBERS.search(text):
        first, second = int(found[1]), int(found[3])
        american = (found[2] == "/" and first <= 12) or second > 12
        return (_year(found[4]), *((first, second) if american else (second, first)))
    return None


def _year(text: str) -> int:
    """Two digits by RFC 5322 §4.3: below 50 this century; three count from 1900."""
    number = int(text)
    if len(text) == 2:
        return number + (2000 if number < 50 else 1900)
    return number + 1900 if len(text) == 3 else number
