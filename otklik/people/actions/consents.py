"""What people agreed to, and the kinds of it that a company asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people import policy, values
from otklik.people.actions.changing import demand_known
from otklik.people.events import (
    ConsentGiven,
    ConsentKindChanged,
    ConsentKindCreated,
    ConsentWithdrawn,
)
from otklik.people.models import Consent, ConsentHow, ConsentKind, Person

MOST_KINDS = 50
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_NAME = values.line("name", 100, is_required=True)
_EVIDENCE = values.text("evidence", 2000)
_CLOCKS = timedelta(minutes=10)
_OLDEST = timedelta(days=366 * 50)


@action
def record_consent(
    actor: Actor,
    person: Person,
    kind: ConsentKind,
    *,
    is_given: bool,
    how: str,
    evidence: str = "",
    at: datetime | None = None,
) -> Consent:
    """Write down that somebody agreed, or takes it back. The history stays.

    The last word is what they said last, by ``at``: an older paper that is found later goes into
    the history. Staff only; raises Forbidden, Invalid, and Conflict for who is no more.
    """
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change customers."))
    demand_known(person.pk)
    if how not in ConsentHow.values:
        raise Invalid(_("Say by what."), fields={"how": _("Say by what.")})
    if is_given and not kind.is_active:
        raise Invalid(_("This is not asked for any more."), fields={"kind": _("Choose another.")})
    words: str = _EVIDENCE(evidence)
    when = _moment(at)
    Person.objects.select_for_update().get(pk=person.pk)
    last = Consent.objects.filter(person=person, kind=kind, is_current=True).first()
    is_current = last is None or last.at <= when
    if last is not None and is_current:
        Consent.objects.filter(pk=last.pk).update(is_current=False)
    consent = Consent.objects.create(
        person=person,
        kind=kind,
        is_given=is_given,
        is_current=is_current,
        how=how,
        evidence=words,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        at=when,
    )
    happened = ConsentGiven if is_given else ConsentWithdrawn
    record(actor, happened(person.pk, consent.pk, kind.pk, is_current))
    return consent


@action
def create_consent_kind(
    actor: Actor, *, name: str, code: str = "", labels: Mapping[str, str] | None = None
) -> ConsentKind:
    """Raises Forbidden, and Invalid for a code that is taken or none."""
    _demand_settings(actor)
    cleaned = _NAME(name)
    if ConsentKind.objects.count() >= MOST_KINDS:
        raise Invalid(_("At most %(count)d kinds.") % {"count": MOST_KINDS})
    last = ConsentKind.objects.order_by("-position").first()
    chosen = code or _free_code()
    if not _CODE.fullmatch(chosen):
        words = _("Latin letters, digits and dashes, beginning with a letter.")
        raise Invalid(words, fields={"code": words})
    try:
        with transaction.atomic():
            kind = ConsentKind.objects.create(
                code=chosen,
                name=cleaned,
                labels=_labels(labels),
                position=last.position + 10 if last else 0,
            )
    except IntegrityError:
        words = _("There is one with this code already.")
        raise Invalid(words, fields={"code": words}) from None
    record(actor, ConsentKindCreated(kind.pk))
    return kind


@action
def change_consent_kind(
    actor: Actor,
    kind: ConsentKind,
    *,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    is_active: bool | None = None,
) -> ConsentKind:
    """Another name, or asked for no more; what people said stays. Raises Forbidden, Invalid."""
    _demand_settings(actor)
    current = ConsentKind.objects.select_for_update().get(pk=kind.pk)
    wanted = {
        "name": None if name is None else _NAME(name),
        "labels": None if labels is None else _labels(labels),
        "is_active": is_active,
    }
    fields = [
        field
        for field, value in wanted.items()
        if value is not None and value != getattr(current, field)
    ]
    if fields:
        for field in fields:
            setattr(current, field, wanted[field])
        current.save(update_fields=fields)
        record(actor, ConsentKindChanged(current.pk, tuple(sorted(fields))))
    return current


def _moment(at: datetime | None) -> datetime:
    now = timezone.now()
    if at is None:
        return now
    if at > now + _CLOCKS:
        words = _("This is in the future.")
        raise Invalid(words, fields={"at": words})
    if at < now - _OLDEST:
        words = _("This is too long ago.")
        raise Invalid(words, fields={"at": words})
    return min(at, now)


def _labels(labels: Mapping[str, str] | None) -> dict[str, str]:
    clean = values.line("labels", 100)
    return {code: words for code, given in (labels or {}).items() if (words := clean(given))}


def _free_code() -> str:
    taken = set(ConsentKind.objects.values_list("code", flat=True))
    number = 1
    while f"kind-{number}" in taken:
        number += 1
    return f"kind-{number}"


def _demand_settings(actor: Actor) -> None:
    if not policy.can_set_up_people(actor):
        raise Forbidden(_("You may not change what people are sorted by."))
