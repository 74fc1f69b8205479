"""Values typed by an administrator, made fit to store or refused with words for that person."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.kit.addresses import normalise_domain
from otklik.kit.text import clean_line

Cleaner = Callable[[Any], Any]
_COLOR = re.compile(r"#[0-9a-f]{6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def invalid(field: str, words: str, code: str = "") -> Invalid:
    return Invalid(words, code=code, fields={field: words})


def line(field: str, length: int, *, is_required: bool = False) -> Cleaner:
    def clean(value: Any) -> str:
        cleaned = clean_line(str(value or ""))
        if len(cleaned) > length:
            raise invalid(field, _("At most %(count)d characters.") % {"count": length})
        if is_required and not cleaned:
            raise invalid(field, _("This cannot be empty."))
        return cleaned

    return clean


def whole_number(field: str, lowest: int, highest: int) -> Cleaner:
    def clean(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise invalid(
                field,
                _("A whole number from %(low)d to %(high)d.") % {"low": lowest, "high": highest},
            )
        return value

    return clean


def language(value: Any) -> str:
    """A language the desk speaks."""
    if value not in dict(settings.LANGUAGES):
        raise invalid("language", _("This language is not available."))
    return str(value)


def optional_language(value: Any) -> str:
    return language(value) if value else ""


def languages(value: Any) -> list[str]:
    found = list(dict.fromkeys(language(each) for each in value))
    if not found:
        raise invalid("languages", _("Choose at least one language."))
    return found


def time_zone(value: Any) -> str:
    written = str(value or "").strip()
    try:
        zoneinfo.ZoneInfo(written[:64])
    except (KeyError, ValueError, OSError):
        raise invalid("time_zone", _("This is no time zone such as “Europe/Moscow”.")) from None
    return written


def months(field: str) -> Cleaner:
    """Months something is kept; nothing means for ever."""
    count = whole_number(field, 1, 600)

    def clean(value: Any) -> int | None:
        return None if value in (None, "") else count(value)

    return clean


def color(value: Any) -> str:
    written = str(value or "").strip().lower()
    if not _COLOR.fullmatch(written):
        raise invalid("color", _("A colour is written like #0b6478."))
    return written


def corner(value: Any) -> int:
    if value not in {0, 8, 12}:
        raise invalid("corner", _("Corners are 0, 8 or 12 pixels round."))
    return int(value)


def sha256(value: Any) -> str:
    written = str(value or "")
    if written and not _SHA256.fullmatch(written):
        raise invalid("logo", _("This is no stored picture."))
    return written


def host(value: Any) -> str:
    """A host name without scheme and path; empty means none."""
    written = str(value or "").strip()
    if not written:
        return ""
    try:
        return normalise_domain(written)
    except ValueError:
        raise invalid("host", _("This is no host name such as help.example.com.")) from None


def embed_domains(value: Iterable[str]) -> list[str]:
    """Host names, each perhaps with a port or a leading ``*.`` for all below it."""
    found: list[str] = []
    for each in value:
        written = each.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")
        if not written:
            continue
        name, colon, port = written.partition(":")
        star = "*." if name.startswith("*.") else ""
        try:
            domain = star + normalise_domain(name.removeprefix("*."))
        except ValueError:
            domain = ""
        if not domain or (colon and not (port.isdigit() and 0 < int(port) < 65536)):
            raise invalid("embed_domains", _("“%(domain)s” is no domain.") % {"domain": each[:100]})
        found.append(domain + colon + port)
    if len(found) > 50:
        raise invalid("embed_domains", _("At most %(count)d domains.") % {"count": 50})
    return list(dict.fromkeys(found))


def as_is(value: Any) -> Any:
    return value


def clean_changes(changes: Mapping[str, Any], cleaners: Mapping[str, Cleaner]) -> dict[str, Any]:
    """Every value cleaned. Raises Invalid, and TypeError for a field that is not changed here."""
    unknown = changes.keys() - cleaners.keys()
    if unknown:
        raise TypeError(f"no such field to change: {', '.join(sorted(unknown))}")
    return {name: cleaners[name](value) for name, value in changes.items()}


def apply(thing: models.Model, changes: Mapping[str, Any]) -> list[str]:
    """Set and save what differs; the names of it, in order."""
    changed = sorted(name for name, value in changes.items() if getattr(thing, name) != value)
    if changed:
        for name in changed:
            setattr(thing, name, changes[name])
        thing.save(update_fields=changed)
    return changed
