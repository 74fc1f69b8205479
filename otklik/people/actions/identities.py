"""Addresses of persons: finding, adding and proving them."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.db.rows import insert_linked
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.kit.addresses import display_email, domain_of, normalise_email
from otklik.kit.text import clean_line, sort_key
from otklik.people import policy
from otklik.people.actions.changing import copy_values, demand_known, locked
from otklik.people.events import (
    IdentityAdded,
    IdentityMadePrimary,
    IdentityMarkedAutomated,
    IdentityVerified,
    PersonCreated,
    PersonJoinedOrganisation,
)
from otklik.people.models import Identity, Organisation, Person, VerifiedHow
from otklik.people.twins import twin_key

EMAIL = "email"


@action
def find_or_create_identity(
    kind: str,
    value: str,
    display: str = "",
    scope: str = "",
    *,
    language: str = "",
    is_automated: bool = False,
    actor: Actor = SYSTEM,
) -> Identity:
    """The identity with this normalised value; a new person comes with a new one, unproven.

    A message from an address is no proof of anything, so an identity that exists is returned
    untouched, with its person. Two callers at once get the same row. ``display`` is what the
    sender calls themselves; it names a new person. Raises Invalid for no address.
    """
    key = {"kind": kind, "scope": scope, "value": _normalised(kind, value)}
    for found in _with_person(**key):
        return found
    try:
        with transaction.atomic():
            name = clean_line(display, 200)
            person = Person(name=name, sort_name=sort_key(name), language=language[:10])
            identity = Identity(
                display=_display(kind, key["value"], display),
                is_primary=True,
                is_automated=is_automated,
                twin_key=twin_key(kind, key["value"]),
                **key,
            )
            insert_linked((person, {}), (identity, {"person": person}))
            record(actor, PersonCreated(person_id=person.pk))
            record(actor, IdentityAdded(person.pk, identity.pk, kind))
    except IntegrityError:
        # Another transaction was faster; its row is committed, else the insert would have waited.
        return Identity.objects.select_related("person").get(**key)
    return identity


@spelt_once
def _with_person(kind: str, scope: str, value: str) -> QuerySet[Identity]:
    rows = Identity.objects.select_related("person")
    return rows.filter(kind=kind, scope=scope, value=value)


@action
def add_identity(
    actor: Actor, person: Person, *, kind: str, value: str, display: str = "", scope: str = ""
) -> Identity:
    """Write down another address of a person, unproven. Their own one again is no error.

    Raises Forbidden, and Invalid when the address belongs to somebody else.
    """
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change customers."))
    demand_known(person.pk)
    normalised = _normalised(kind, value)
    found = Identity.objects.filter(kind=kind, scope=scope, value=normalised).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Identity.objects.create(
                    person=person,
                    kind=kind,
                    scope=scope,
                    value=normalised,
                    twin_key=twin_key(kind, normalised),
                    display=_display(kind, normalised, display),
                    is_primary=not person.identities.filter(kind=kind, is_primary=True).exists(),
                )
            record(actor, IdentityAdded(person.pk, found.pk, kind))
        except IntegrityError:
            found = Identity.objects.get(kind=kind, scope=scope, value=normalised)
    if found.person_id != person.pk:
        words = _("This address belongs to another person already.")
        raise Invalid(words, code="address_taken", fields={"email": words})
    return found


@action
def verify_identity(actor: Actor, identity: Identity, how: VerifiedHow) -> Identity:
    """Note that an address is proven to be the person's. The first proof stays.

    Raises Forbidden: nobody can prove the address of a machine, and only an administrator vouches.
    """
    current: Identity = locked(identity)
    if not policy.can_verify_identity(actor, current, how):
        raise Forbidden(_("This address cannot be confirmed this way."))
    if current.verified_at is None:
        current.verified_at = timezone.now()
        current.verified_how = how
        current.save(update_fields=["verified_at", "verified_how"])
        record(actor, IdentityVerified(current.person_id, current.pk, how.value))
        _join_by_domain(actor, current)
    copy_values(current, identity, ["verified_at", "verified_how"])
    return identity


@action
def make_primary(actor: Actor, identity: Identity) -> Identity:
    """Let this be the address of its kind that the person is written to. Raises Forbidden."""
    if not policy.can_change_people(actor) and not (
        actor.person_id == identity.proves_for and identity.is_verified
    ):
        raise Forbidden(_("You may not change this person."))
    person: Person = locked(identity.person)
    if not Identity.objects.filter(pk=identity.pk, is_primary=True).exists():
        person.identities.filter(kind=identity.kind, is_primary=True).update(is_primary=False)
        Identity.objects.filter(pk=identity.pk).update(is_primary=True)
        record(actor, IdentityMadePrimary(person.pk, identity.pk))
    identity.is_primary = True
    return identity


@action
def mark_automated(actor: Actor, identity: Identity, *, is_automated: bool = True) -> Identity:
    """Say that a machine writes from this address: it is never answered and proves nobody."""
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change customers."))
    current: Identity = locked(identity)
    if current.is_automated != is_automated:
        current.is_automated = is_automated
        current.save(update_fields=["is_automated"])
        record(actor, IdentityMarkedAutomated(current.person_id, current.pk, is_automated))
    identity.is_automated = is_automated
    return identity


def _join_by_domain(actor: Actor, identity: Identity) -> None:
    """A proven address at an organisation's domain makes its person a member of it."""
    if identity.kind != EMAIL:
        return
    organisation = Organisation.objects.filter(domains__domain=domain_of(identity.value)).first()
    if organisation is None:
        return
    joined = Person.objects.filter(pk=identity.person_id, organisation__isnull=True).update(
        organisation=organisation
    )
    if joined:
        record(actor, PersonJoinedOrganisation(identity.person_id, organisation.pk, "domain"))


def _normalised(kind: str, value: str) -> str:
    """Channels normalise their own values; e-mail is ours to know, for sign-in names."""
    if kind != EMAIL:
        return value
    try:
        return normalise_email(value)
    except ValueError:
        words = _("This is no e-mail address such as name@example.com.")
        raise Invalid(words, fields={"email": words}) from None


def _display(kind: str, value: str, display: str) -> str:
    """How the address is shown; empty when that is its value. Names belong to the person."""
    if kind != EMAIL:
        return clean_line(display, 320)
    readable = display_email(value)
    return readable if readable != value else ""
