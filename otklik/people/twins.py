"""Who may be the same human twice: found by indexes, a few candidates of each kind, never by
walking over people. It only suggests; who merges looks first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from otklik.core.access import Actor
from otklik.core.db import write
from otklik.kit.addresses import domain_of
from otklik.people.models import Identity, NotTwins, Person
from otklik.people.values import PUBLIC_MAIL_DOMAINS

MOST = 5  # shown
_CANDIDATES = 50  # looked at for each reason
_IDENTITIES = 20
_STEP = 50
_NOT_DIGITS = re.compile(r"\D")
_LEAST_DIGITS = 7
_LAST_DIGITS = 10  # with and without the code of the country


class Reason(StrEnum):
    """Why two may be one; the surest first."""

    ADDRESS = "address"  # differs in dots, plus or the name of the same mail service
    PHONE = "phone"
    NAME = "name"  # and the same organisation or domain


@dataclass(frozen=True, slots=True)
class Twin:
    person: Person
    reason: Reason
    address: str  # one of theirs, to tell them by


def twin_key(kind: str, value: str) -> str:
    """What addresses that are likely the same one have in common; "" where nothing says so."""
    if "@" in value:
        local, _at, domain = value.rpartition("@")
        local = local.partition("+")[0].replace(".", "") or local
        domain = {"googlemail.com": "gmail.com", "ya.ru": "yandex.ru"}.get(domain, domain)
        return f"@{local}@{domain}"[:100]
    digits = _NOT_DIGITS.sub("", value)
    if kind in _PHONES and len(digits) >= _LEAST_DIGITS:
        return f"+{digits[-_LAST_DIGITS:]}"
    return ""


_PHONES = frozenset({"phone", "sms", "whatsapp", "viber"})


def find_twins(actor: Actor, person: Person) -> list[Twin]:
    """The likeliest of the people this one may see, without those that somebody has told apart. At
    most five queries."""
    if person.merged_into_id is not None or person.erased_at is not None:
        return []
    own = list(Identity.objects.filter(person=person).order_by("pk")[:_IDENTITIES])
    found: dict[int, Twin] = {}
    keys = [each.twin_key or twin_key(each.kind, each.value) for each in own]
    rows = Identity.objects.filter(twin_key__in=[key for key in keys if key])
    for row in rows.exclude(person=person).select_related("person")[:_CANDIDATES]:
        reason = Reason.ADDRESS if "@" in row.value else Reason.PHONE
        found.setdefault(row.person_id, Twin(row.person, reason, str(row)))
    for twin in _namesakes(person, own):
        found.setdefault(twin.person.pk, twin)
    for pk in _told_apart(person.pk):
        found.pop(pk, None)
    seen = Person.objects.visible_to(actor).present().filter(pk__in=found)
    visible = set(seen.values_list("pk", flat=True))
    ordered = sorted(
        found.values(), key=lambda twin: (list(Reason).index(twin.reason), twin.address)
    )
    return [twin for twin in ordered if twin.person.pk in visible][:MOST]


def _told_apart(pk: int) -> set[int]:
    rows = NotTwins.objects.filter(Q(first=pk) | Q(second=pk))
    return {one for pair in rows.values_list("first_id", "second_id") for one in pair} - {pk}


def fill_twin_keys() -> bool:
    """Compute the key of a few old identities; whether more are left."""
    rows = list(Identity.objects.filter(twin_key=None)[:_STEP])
    for row in rows:
        row.twin_key = twin_key(row.kind, row.value)
    with write():
        Identity.objects.bulk_update(rows, ["twin_key"])
    return len(rows) == _STEP


def _namesakes(person: Person, own: list[Identity]) -> list[Twin]:
    """People of the same whole name who belong to the same organisation or write from there."""
    if " " not in person.sort_name:
        return []
    rows = Person.objects.filter(sort_name=person.sort_name).exclude(pk=person.pk)
    candidates = {row.pk: row for row in rows.order_by("-pk")[:_CANDIDATES]}
    if not candidates:
        return []
    domains = _domains(own)
    addresses = Identity.objects.filter(person__in=candidates).order_by("person_id", "pk")
    first: dict[int, Identity] = {}
    alike = set()
    for row in addresses[: _CANDIDATES * _IDENTITIES]:
        first.setdefault(row.person_id, row)
        if _domains([row]) & domains:
            alike.add(row.person_id)
    if person.organisation_id is not None:
        same = (
            pk for pk, row in candidates.items() if row.organisation_id == person.organisation_id
        )
        alike |= set(same)
    # A caller of the same name without any address is likely the one who writes.
    alike |= {pk for pk in candidates if pk not in first}
    if not own:
        alike |= set(candidates)
    return [
        Twin(candidates[pk], Reason.NAME, str(first[pk]) if pk in first else "")
        for pk in sorted(alike)
    ]


def _domains(rows: list[Identity]) -> set[str]:
    found = {domain_of(row.value) for row in rows if "@" in row.value}
    return found - PUBLIC_MAIL_DOMAINS
