"""Calendar invitations (RFC 5545, RFC 5546): what, when, where and who, for the reader.

Only what a person reads is taken. Broken lines are passed over; a time whose zone is unknown is
told as written, without pretending to know when it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from otklik.plugins.channel_email.charsets import decode, tidy

from .windows_zones import IANA_OF_WINDOWS

METHODS = {"REQUEST", "CANCEL", "REPLY", "PUBLISH", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD"}
MAX_SIZE = 1_000_000
MAX_LINES = 20_000
LONGEST_LINE = 20_000
MAX_WHO = 30
_NAME = re.compile(r"([A-Za-z0-9-]{1,60})((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):")
_PARAMETER = re.compile(r";([A-Za-z0-9-]{1,40})=(\"[^\"]*\"|[^;\"]*)")
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?")
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?)?"
)
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")
_ESCAPED = re.compile(r"\\([\\;,\"nN])")
_FOLD = re.compile(rb"\r?\n[ \t]")


@dataclass(slots=True)
class _Line:
    name: str
    value: str
    parameters: dict[str, str] = field(default_factory=dict)


def read_invitation(content: bytes, method: str = "") -> dict[str, Any]:
    """The first event of a calendar part, {} when it holds none.

    ``method`` of the MIME type, when the calendar does not say. Keys: method, summary, location,
    description, organizer, attendees [{name, address, answer}], start and end (ISO 8601 with
    offset, or a date alone when ``is_all_day``, or without offset when the zone is unknown),
    zone, repeats, status.
    """
    # A line may be folded inside a letter (§3.1), so before the bytes are read as text.
    text = tidy(decode(_FOLD.sub(b"", content[:MAX_SIZE]), "utf-8")[0])
    zones: dict[str, tzinfo] = {}
    event: list[_Line] | None = None
    said = method.strip().upper()
    block: list[_Line] = []
    stack: list[str] = []
    for line in _lines(text):
        if line.name == "BEGIN":
            stack.append(line.value.strip().upper())
            if stack[-1] in {"VEVENT", "VTODO", "VTIMEZONE"}:
                block = []
        elif line.name == "END":
            ended = line.value.strip().upper()
            if ended == "VTIMEZONE":
                _keep_zone(zones, block)
            elif ended in {"VEVENT", "VTODO"} and event is None:
                event = block
            if stack:
                stack.pop()
        elif line.name == "METHOD":
            said = line.value.strip().upper() or said
        elif stack and stack[-1] not in {"VALARM"}:
            block.append(line)
    if event is None and stack and stack[-1] == "VEVENT":
        event = block  # cut off
    return _told(event, zones, said) if event else {}


def _lines(text: str) -> Iterator[_Line]:
    """Unfolded content lines (§3.1)."""
    logical: list[str] = []
    for count, line in enumerate(text.split("\n")):
        if count > MAX_LINES:
            break
        if line[:1] in (" ", "\t") and logical:
            if len(logical[-1]) < LONGEST_LINE:
                logical[-1] += line[1:]
        elif line.strip():
            logical.append(line[:LONGEST_LINE])
    for line in logical:
        found = _NAME.match(line)
        if found is not None:
            given = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found[2])}
            yield _Line(found[1].upper(), line[found.end() :], given)


def _told(event: list[_Line], zones: dict[str, tzinfo], method: str) -> dict[str, Any]:
    first: dict[str, _Line] = {}
    for line in event:
        first.setdefault(line.name, line)
    start, is_all_day, zone = _time(first.get("DTSTART"), zones)
    end, _, _ = _time(first.get("DTEND") or first.get("DUE"), zones)
    if start and not end and "DURATION" in first:
        end = _after(start, first["DURATION"].value)
    told: dict[str, Any] = {
        "method": method if method in METHODS else "",
        "summary": _text(first, "SUMMARY", 300),
        "location": _text(first, "LOCATION", 300),
        # Who answers an invitation says why in a comment.
        "description": _text(first, "DESCRIPTION", 2000) or _text(first, "COMMENT", 2000),
        "organizer": _person(first["ORGANIZER"]) if "ORGANIZER" in first else None,
        "attendees": [_person(one) for one in event if one.name == "ATTENDEE"][:MAX_WHO],
        "attendee_count": sum(one.name == "ATTENDEE" for one in event),
        "start": start,
        "end": end,
        "is_all_day": is_all_day,
        "zone": zone,
        "repeats": "RRULE" in first,
        "status": _text(first, "STATUS", 20).lower(),
        "uid": _text(first, "UID", 200),
    }
    return {key: value for key, value in told.items() if value not in ("", None, [], False, 0)}


def _text(first: dict[str, _Line], name: str, limit: int) -> str:
    if name not in first:
        return ""
    return _ESCAPED.sub(_meant, first[name].value).strip()[:limit]


def _meant(found: re.Match[str]) -> str:
    """In one pass (§3.3.11): of ``\\\\new`` the second sign begins no line end."""
    return "\n" if found[1] in "nN" else found[1]


def _person(line: _Line) -> dict[str, str]:
    address = re.sub(r"^\s*mailto:\s*", "", line.value, flags=re.I).strip()[:254]
    told = {
        "address": address if "@" in address else "",
        "name": line.parameters.get("CN", "")[:200],
        "answer": line.parameters.get("PARTSTAT", "").lower()[:20],
    }
    return {key: value for key, value in told.items() if value}


def _time(line: _Line | None, zones: dict[str, tzinfo]) -> tuple[str, bool, str]:
    """(ISO text, whether a day alone, the zone's name as written)."""
    found = _TIME.search(line.value) if line else None
    if line is None or found is None:
        return "", False, ""
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    try:
        if found[4] is None:
            return datetime(year, month, day, tzinfo=UTC).date().isoformat(), True, ""
        at = datetime(year, month, day, int(found[4]), int(found[5]), min(int(found[6] or 0), 59))  # noqa: DTZ001
    except ValueError:
        return "", False, ""
    name = line.parameters.get("TZID", "").strip()
    zone = UTC if found[7] else _zone(name, zones)
    if zone is None:
        return at.isoformat(), False, name[:60]
    try:
        return at.replace(tzinfo=zone).astimezone(UTC).isoformat(), False, name[:60]
    except OverflowError:
        return "", False, ""


def _zone(name: str, zones: dict[str, tzinfo]) -> tzinfo | None:
    if not name:
        return None
    bare = name.strip("/")
    # "/freeassociation.sourceforge.net/Europe/Moscow", "/mozilla.org/20050126_1/Europe/Moscow"
    tail = "/".join(bare.split("/")[-2:])
    for candidate in (bare, IANA_OF_WINDOWS.get(bare, ""), tail):
        if re.fullmatch(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}", candidate):
            try:
                return ZoneInfo(candidate)
            except (ValueError, OSError, KeyError):
                continue
    return zones.get(name)


def _keep_zone(zones: dict[str, tzinfo], block: list[_Line]) -> None:
    """A zone told by the calendar itself: taken where it has one offset, else left unknown."""
    name = next((_ESCAPED.sub(_meant, one.value) for one in block if one.name == "TZID"), "")
    name = name.strip()
    offsets = {one.value.strip()[:5] for one in block if one.name == "TZOFFSETTO"}
    found = _OFFSET.match(next(iter(offsets))) if len(offsets) == 1 else None
    if name and found:
        delta = timedelta(hours=int(found[2]), minutes=int(found[3]))
        if delta < timedelta(hours=24):
            zones[name] = timezone(delta if found[1] == "+" else -delta)


def _after(start: str, duration: str) -> str:
    found = _DURATION.match(duration.strip())
    if found is None:
        return ""
    weeks, days, hours, minutes, seconds = (int(found[at] or 0) for at in range(2, 7))
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        if len(start) == 10:
            return (datetime.fromisoformat(start) + length).date().isoformat()
        return (datetime.fromisoformat(start) + length).isoformat()
    except OverflowError:
        return ""
