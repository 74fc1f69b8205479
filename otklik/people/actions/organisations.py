"""Organisations and the domains their people write from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people import policy, values
from otklik.people.actions.changing import copy_values, demand_version, differing, locked
from otklik.people.events import OrganisationChanged, OrganisationCreated
from otklik.people.models import Organisation, OrganisationDomain

_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 200, is_required=True),
    "notes": values.text("notes", 10_000),
    "account_manager": values.as_is,
    "is_vip": bool,
}


@action
def create_organisation(
    actor: Actor, *, name: str, domains: Iterable[str] = (), **details: Any
) -> Organisation:
    """Raises Forbidden, and Invalid for a domain that is public or another organisation's."""
    _demand(actor)
    cleaned = values.clean_changes({"name": name, **details}, _CLEANERS)
    organisation = Organisation.objects.create(**cleaned)
    record(actor, OrganisationCreated(organisation_id=organisation.pk))
    _set_domains(organisation, values.domains(domains))
    return organisation


@action
def change_organisation(
    actor: Actor,
    organisation: Organisation,
    *,
    version: int | None = None,
    domains: Iterable[str] | None = None,
    **changes: Any,
) -> Organisation:
    """Change name, notes, account_manager, is_vip or domains.

    Raises Forbidden, Invalid and, with ``version``, Conflict.
    """
    _demand(actor)
    cleaned = values.clean_changes(changes, _CLEANERS)
    wanted_domains = None if domains is None else values.domains(domains)
    current: Organisation = locked(organisation)
    demand_version(current, version, cleaned)
    wanted = differing(current, cleaned)
    fields = set(wanted)
    if wanted_domains is not None and _set_domains(current, wanted_domains):
        fields.add("domains")
    if fields:
        for name, value in wanted.items():
            setattr(current, name, value)
        current.version += 1
        current.save(update_fields=[*wanted, "version"])
        record(actor, OrganisationChanged(organisation.pk, tuple(sorted(fields))))
    copy_values(current, organisation, [*_CLEANERS, "sort_name", "version"])
    return organisation


def _demand(actor: Actor) -> None:
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change organisations."))


def _set_domains(organisation: Organisation, wanted: list[str]) -> bool:
    """Whether something changed. Raises Invalid for a domain that is taken."""
    present = set(organisation.domains.values_list("domain", flat=True))
    if present == set(wanted):
        return False
    taken = OrganisationDomain.objects.filter(domain__in=set(wanted) - present).first()
    if taken is not None:
        words = _("“%(domain)s” belongs to another organisation.") % {"domain": taken.domain}
        raise Invalid(words, code="domain_taken", fields={"domains": words})
    organisation.domains.exclude(domain__in=wanted).delete()
    OrganisationDomain.objects.bulk_create(
        OrganisationDomain(organisation=organisation, domain=domain)
        for domain in wanted
        if domain not in present
    )
    return True
