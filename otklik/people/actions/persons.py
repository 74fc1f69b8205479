"""Creating, changing and blocking persons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.realtime import doubt_rights
from otklik.people import policy, values
from otklik.people.actions.changing import (
    copy_values,
    demand_known,
    demand_version,
    differing,
    locked,
)
from otklik.people.actions.identities import add_identity
from otklik.people.events import (
    PersonBlocked,
    PersonChanged,
    PersonCreated,
    PersonJoinedOrganisation,
    PersonUnblocked,
)
from otklik.people.merging import ids_of_everybody_in
from otklik.people.models import Agent, Organisation, Person

_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 200),
    "job_title": values.line("job_title", 120),
    "language": values.language,
    "time_zone": values.time_zone,
    "notes": values.text("notes", 10_000),
    "organisation": values.as_is,
    "account_manager": values.as_is,
    "is_vip": bool,
}


@action
def create_person(
    actor: Actor,
    *,
    name: str,
    email: str = "",
    organisation: Organisation | None = None,
    **details: Any,
) -> Person:
    """A person whom staff write down: a caller, a visitor. Their address is not proven by that.

    ``details``: job_title, language, time_zone, notes. Raises Forbidden, and Invalid when the
    address belongs to somebody already.
    """
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change customers."))
    address = values.email(email) if email else ""
    cleaned = values.clean_changes({"name": name, **details}, _CLEANERS)
    person = Person.objects.create(organisation=organisation, **cleaned)
    record(actor, PersonCreated(person_id=person.pk))
    if organisation is not None:
        record(actor, PersonJoinedOrganisation(person.pk, organisation.pk, "staff"))
    if address:
        add_identity(actor, person, kind="email", value=address)
    return person


@action
def change_person(
    actor: Actor, person: Person, *, version: int | None = None, **changes: Any
) -> Person:
    """Change name, organisation, job_title, language, time_zone, notes, account_manager, is_vip.

    ``version`` is the one the caller saw; raises Conflict with their values when it moved on and
    the changes cross. Customers may change their own name, language and time zone.
    """
    if not policy.can_change_person(actor, person, frozenset(changes)):
        raise Forbidden(_("You may not change this person."))
    cleaned = values.clean_changes(changes, _CLEANERS)
    demand_known(person.pk)
    current: Person = locked(person)
    demand_version(current, version, cleaned)
    wanted = differing(current, cleaned)
    if wanted:
        for name, value in wanted.items():
            setattr(current, name, value)
        current.version += 1
        current.save(update_fields=[*wanted, "version"])
        record(actor, PersonChanged(person_id=person.pk, fields=tuple(sorted(wanted))))
        if current.organisation_id and "organisation" in wanted:
            record(actor, PersonJoinedOrganisation(person.pk, current.organisation_id, "staff"))
    copy_values(current, person, [*cleaned, "sort_name", "version"])
    return person


@action
def block_person(actor: Actor, person: Person) -> None:
    """Take nothing more from this person: no sign-in, and channels refuse their messages."""
    _set_blocked(actor, person, is_blocked=True)


@action
def unblock_person(actor: Actor, person: Person) -> None:
    _set_blocked(actor, person, is_blocked=False)


def _set_blocked(actor: Actor, person: Person, *, is_blocked: bool) -> None:
    if not policy.can_block_person(actor, person):
        raise Forbidden(_("You may not block this person."))
    # Who is blocked cannot sign in: that is for whoever manages agents to say of an agent.
    if is_blocked and Agent.objects.filter(person=person, is_active=True).exists():
        raise Forbidden(_("This person is an agent. An administrator can deactivate them."))
    current: Person = locked(person)
    if current.is_blocked != is_blocked:
        current.is_blocked = is_blocked
        current.version += 1
        current.save(update_fields=["is_blocked", "version"])
        happened = PersonBlocked if is_blocked else PersonUnblocked
        record(actor, happened(person_id=person.pk))
        # Whoever was merged into them still signs in by their own addresses.
        everybody = ids_of_everybody_in(person.pk)
        others = Person.objects.filter(pk__in=everybody).exclude(pk=person.pk)
        others.update(is_blocked=is_blocked)
        doubt_rights(person.pk, *everybody)
    copy_values(current, person, ["is_blocked", "version"])
