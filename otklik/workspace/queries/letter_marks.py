"""What a letter carries beside its words, in words: signature, encryption, an invitation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class LetterMark:
    words: str
    icon: str
    tone: str  # "", "ok", "warn", "danger"


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """``start`` and ``end`` are shown in the reader's zone; ``said`` is the time as written, where
    its zone is unknown."""

    kind: str
    summary: str
    start: datetime | date | None = None
    end: datetime | date | None = None
    said: str = ""
    is_all_day: bool = False
    is_repeated: bool = False
    where: str = ""
    organizer: str = ""
    attendees: str = ""


def marks_of(reading: Mapping[str, Any] | None) -> list[LetterMark]:
    """Small badges, in the order encryption, signature."""
    found = (reading or {}).get("protection") or {}
    if not isinstance(found, Mapping):
        return []
    marks = []
    if found.get("encryption"):
        marks.append(_encryption_mark(str(found["encryption"])))
    if found.get("signature"):
        marks.append(_signature_mark(str(found["signature"]), str(found.get("signer", ""))))
    return marks


def _encryption_mark(outcome: str) -> LetterMark:
    if outcome == "decrypted":
        return LetterMark(_("Came encrypted"), "lock", "")
    if outcome == "no_key":
        return LetterMark(_("Encrypted; the desk has no key for it"), "lock", "warn")
    return LetterMark(_("Encrypted; it could not be opened"), "lock", "warn")


def _signature_mark(outcome: str, signer: str) -> LetterMark:
    who = {"who": signer}
    if not signer and outcome in {"valid", "unknown_issuer", "expired", "other_sender", "partial"}:
        who = {"who": _("an unnamed signer")}
    if outcome == "valid":
        return LetterMark(_("Signed by %(who)s") % who, "check", "ok")
    if outcome == "invalid":
        return LetterMark(
            _("The signature does not match: the letter was changed"), "circle-alert", "danger"
        )
    if outcome == "unknown_issuer":
        return LetterMark(_("Signed by %(who)s, issuer unknown") % who, "info", "")
    if outcome == "expired":
        return LetterMark(_("Signed by %(who)s, certificate out of date") % who, "info", "warn")
    if outcome == "other_sender":
        return LetterMark(_("Signed by %(who)s, not by the sender") % who, "circle-alert", "warn")
    if outcome == "partial":
        return LetterMark(_("Partly signed by %(who)s") % who, "info", "warn")
    if outcome == "unknown_key":
        return LetterMark(_("Signed with a key the desk does not know"), "info", "")
    return LetterMark(_("Signed in a way the desk cannot check"), "info", "")


def card_of(reading: Mapping[str, Any] | None) -> InvitationCard | None:
    found = (reading or {}).get("invitation") or {}
    if not isinstance(found, Mapping) or not found:
        return None
    start, end = _moment(found.get("start")), _moment(found.get("end"))
    is_known = isinstance(start, date) and not isinstance(start, datetime)
    is_known = is_known or (isinstance(start, datetime) and start.tzinfo is not None)
    return InvitationCard(
        kind=_kind(str(found.get("method", "")), str(found.get("status", ""))),
        summary=str(found.get("summary", "")) or _("No title"),
        start=start if is_known else None,
        end=end if is_known else None,
        said="" if is_known else _as_written(start, str(found.get("zone", ""))),
        is_all_day=bool(found.get("is_all_day")),
        is_repeated=bool(found.get("repeats")),
        where=str(found.get("location", "")),
        organizer=_name(found.get("organizer")),
        attendees=_attendees(found),
    )


def _kind(method: str, status: str) -> str:
    if method == "CANCEL" or status == "cancelled":
        return _("Meeting cancelled")
    if method == "REPLY":
        return _("Answer to an invitation")
    if method == "COUNTER":
        return _("Another time is proposed")
    return _("Invitation")


def _moment(value: object) -> datetime | date | None:
    text = str(value or "")
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _as_written(at: datetime | date | None, zone: str) -> str:
    if at is None:
        return ""
    return f"{at:%Y-%m-%d %H:%M}" + (f" ({zone})" if zone else "")


def _name(person: object) -> str:
    if not isinstance(person, Mapping):
        return ""
    return str(person.get("name") or person.get("address") or "")


_ANSWERS = {
    "accepted": lambda: _("accepted"),
    "declined": lambda: _("declined"),
    "tentative": lambda: _("maybe"),
}


def _attendees(found: Mapping[str, Any]) -> str:
    people = [one for one in found.get("attendees") or [] if isinstance(one, Mapping)]
    names = []
    for one in people[:MOST_NAMED]:
        answer = _ANSWERS.get(str(one.get("answer", "")))
        names.append(f"{_name(one)} ({answer()})" if answer else _name(one))
    more = int(found.get("attendee_count") or len(people)) - len(names)
    if more > 0:
        names.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    return ", ".join(name for name in names if name)
