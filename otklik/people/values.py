"""Values typed by somebody, made fit to store or refused with words for that person."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.kit.addresses import normalise_domain, normalise_email
from otklik.kit.text import clean_line, clean_text

MAX_DOMAINS = 50
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")

# Anybody can have an address there, so it proves no membership of anything.
PUBLIC_MAIL_DOMAINS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com
    mac.com aol.com proton.me protonmail.com gmx.com gmx.de gmx.net web.de mail.com zoho.com
    fastmail.com tutanota.com yandex.ru yandex.com ya.ru yandex.by yandex.kz narod.ru mail.ru
    bk.ru inbox.ru list.ru internet.ru rambler.ru lenta.ru autorambler.ru ro.ru myrambler.ru
    vk.com ukr.net i.ua qq.com 163.com 126.com naver.com
    """.split()  # noqa: SIM905  a list would be forty lines
)

Cleaner = Callable[[Any], Any]


def line(field: str, length: int, *, is_required: bool = False) -> Cleaner:
    def clean(value: Any) -> str:
        cleaned = clean_line(str(value or ""))
        if len(cleaned) > length:
            raise _invalid(field, _("At most %(count)d characters.") % {"count": length})
        if is_required and not cleaned:
            raise _invalid(field, _("This cannot be empty."))
        return cleaned

    return clean


def text(field: str, length: int) -> Cleaner:
    def clean(value: Any) -> str:
        cleaned = clean_text(str(value or "")).strip()
        if len(cleaned) > length:
            raise _invalid(field, _("At most %(count)d characters.") % {"count": length})
        return cleaned

    return clean


def language(value: Any) -> str:
    written = str(value or "").strip()
    if written and not _LANGUAGE.fullmatch(written):
        raise _invalid("language", _("This is no language code such as “en”."))
    return written


def time_zone(value: Any) -> str:
    written = str(value or "").strip()
    if not written:
        return ""
    try:
        zoneinfo.ZoneInfo(written[:64])
    except (KeyError, ValueError, OSError):
        raise _invalid("time_zone", _("This is no time zone such as “Europe/Moscow”.")) from None
    return written


def email(value: Any) -> str:
    try:
        return normalise_email(str(value or ""))
    except ValueError:
        raise _invalid("email", _("This is no e-mail address such as name@example.com.")) from None


def domains(values: Iterable[str]) -> list[str]:
    """Unique, in IDNA form. Refused: what is no domain, and what everybody can have mail at."""
    found: list[str] = []
    for value in values:
        if not value.strip():
            continue
        try:
            domain = normalise_domain(value.strip().removeprefix("@"))
        except ValueError:
            raise _invalid(
                "domains", _("“%(domain)s” is no domain.") % {"domain": value[:100]}
            ) from None
        if domain in PUBLIC_MAIL_DOMAINS or "." not in domain:
            raise _invalid(
                "domains",
                _("“%(domain)s” is open to anybody, so an address there proves nothing.")
                % {"domain": domain},
            )
        if domain not in found:
            found.append(domain)
    if len(found) > MAX_DOMAINS:
        raise _invalid("domains", _("At most %(count)d domains.") % {"count": MAX_DOMAINS})
    return found


def clean_changes(changes: Mapping[str, Any], cleaners: Mapping[str, Cleaner]) -> dict[str, Any]:
    """Every value cleaned. Raises Invalid, and TypeError for a field that is not changed here."""
    unknown = changes.keys() - cleaners.keys()
    if unknown:
        raise TypeError(f"no such field to change: {', '.join(sorted(unknown))}")
    return {name: cleaners[name](value) for name, value in changes.items()}


def as_is(value: Any) -> Any:
    return value


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: message})
