"""Erasing a person, and keeping one whom a court wants kept."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core import search
from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.fields.values import forget_values
from otklik.people import policy, tombstones
from otklik.people.actions.changing import copy_values, demand_settled, locked
from otklik.people.erasing import fingerprint_of, overwriting, seal_traces
from otklik.people.events import PersonErasureBegan, PersonHoldLifted, PersonHoldPlaced
from otklik.people.models import (
    Agent,
    ApiToken,
    Erasure,
    ErasureReason,
    ErasureState,
    Identity,
    Person,
    SignInLink,
    User,
)
from otklik.people.slots import is_kept
from otklik.people.traces import Traces

ERASED = "erased"  # the kind of an identity that is no address any more


def erase_person(actor: Actor, person: Person, *, reason: str) -> Erasure:
    """Take out everything that is known of a person. Nothing brings it back.

    Their name and addresses are gone when this returns; a job takes out what they left elsewhere.
    Raises Forbidden; Invalid for an unknown reason; Conflict for an agent, for a person who is
    held or has a held ticket, and for one who is erased already.
    """
    if not policy.can_erase_people(actor):
        raise Forbidden(_("You may not erase people."))
    if reason not in ErasureReason.values:
        raise Invalid(_("Say why."), fields={"reason": _("Say why.")})
    if Agent.objects.filter(person=person, is_active=True).exists():
        raise Conflict(_("This person is an agent. Let them go first."), code="is_agent")
    if person.merged_into_id is not None:
        raise Conflict(_("This person has been merged into another one."), code="merged")
    if actor.person_id == person.pk:
        raise Conflict(_("Somebody else has to erase you."))
    if connection.in_atomic_block:
        return begin_erasure(actor, person, reason)
    with overwriting():
        return begin_erasure(actor, person, reason)


@action
def begin_erasure(actor: Actor, person: Person, reason: str) -> Erasure:
    """The first step, in one transaction: from here on nobody has these addresses."""
    from otklik.people.tasks import erase

    current: Person = locked(person)
    if current.erased_at is not None:
        raise Conflict(_("This person is erased already."), code="erased")
    if current.legal_hold_since is not None or is_kept(current):
        raise Conflict(
            _("This person or a ticket of theirs is under legal hold. Lift it first."),
            code="legal_hold",
        )
    demand_settled(current)
    for other in Person.objects.filter(merged_into=current, erased_at=None):
        begin_erasure(actor, other, reason)
    traces = _traces_of(current)
    erasure, _is_new = Erasure.objects.update_or_create(
        fingerprint=fingerprint_of(current),
        defaults={
            "person_id": current.pk,
            "reason": reason,
            "actor_kind": actor.kind.value,
            "actor_id": actor.id,
            "state": ErasureState.RUNNING,
            "sealed": seal_traces(traces),
            "began_at": timezone.now(),
            "done_at": None,
        },
    )
    _empty(current)
    record(actor, PersonErasureBegan(current.pk, erasure.pk, reason))
    erase.enqueue(erasure_id=erasure.pk)
    tombstones.write_tombstones_after_commit()
    copy_values(current, person, ["name", "sort_name", "erased_at", "version"])
    return erasure


@action
def place_person_hold(actor: Actor, person: Person) -> Person:
    """Keep all that is known of them, whatever a clock or an administrator says."""
    return _hold(actor, person, is_held=True)


@action
def lift_person_hold(actor: Actor, person: Person) -> Person:
    return _hold(actor, person, is_held=False)


def _hold(actor: Actor, person: Person, *, is_held: bool) -> Person:
    if not policy.can_erase_people(actor):
        raise Forbidden(_("You may not decide what is kept for a court."))
    current: Person = locked(person)
    if current.erased_at is not None:
        raise Conflict(_("This person is erased already."), code="erased")
    if (current.legal_hold_since is not None) != is_held:
        current.legal_hold_since = timezone.now() if is_held else None
        current.version += 1
        current.save(update_fields=["legal_hold_since", "version"])
        happened = PersonHoldPlaced if is_held else PersonHoldLifted
        record(actor, happened(person_id=current.pk))
    copy_values(current, person, ["legal_hold_since", "version"])
    return person


def _traces_of(person: Person) -> Traces:
    # Also those by which they signed in after they were merged into another one.
    theirs = Q(person=person) | Q(portal_person=person)
    identities = list(Identity.objects.filter(theirs).order_by("pk"))
    addresses = [each.value for each in identities]
    addresses += [each.display for each in identities if each.display]
    addresses += User.objects.filter(person=person).values_list("email", flat=True)
    return Traces(
        person.pk,
        tuple(each.pk for each in identities),
        tuple(dict.fromkeys(addresses)),
        timezone.now(),
        person.name,
    )


def _empty(person: Person) -> None:
    """No name, no addresses, no way to sign in. Rows that other rooms point at stay, empty."""
    for identity in Identity.objects.filter(person=person):
        Identity.objects.filter(pk=identity.pk).update(
            kind=ERASED,
            scope="",
            value=str(identity.pk),
            display="",
            is_primary=False,
            verified_at=None,
            verified_how="",
        )
    SignInLink.objects.filter(identity__person=person).delete()
    user = User.objects.filter(person=person).first()
    if user is not None:
        ApiToken.objects.filter(user=user).delete()
        SignInLink.objects.filter(user=user).delete()
        user.delete()
    Agent.objects.filter(person=person).update(signature="")
    person.name = person.job_title = person.language = person.time_zone = person.notes = ""
    person.organisation = None
    person.custom = None
    forget_values("person", person.pk)
    person.is_blocked = False
    person.erased_at = timezone.now()
    person.version += 1
    person.save()
    search.remove("person", person.pk)
