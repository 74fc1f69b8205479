"""What a text may say of the one it is for, their organisation and the one who writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from otklik.core.vocabulary import Placeholder, register_placeholder
from otklik.kit.names import first_name, last_name
from otklik.people.models import Organisation, Person


def wire() -> None:
    for placeholder in (
        Placeholder("person.name", _("Customer’s name"), _named("person", str)),
        Placeholder("person.first_name", _("Customer’s first name"), _named("person", first_name)),
        Placeholder("person.last_name", _("Customer’s last name"), _named("person", last_name)),
        Placeholder("organisation.name", _("Customer’s organisation"), _organisation),
        Placeholder("agent.name", _("Name of the agent"), _named("agent", str)),
        Placeholder("agent.first_name", _("First name of the agent"), _named("agent", first_name)),
        Placeholder("agent.last_name", _("Last name of the agent"), _named("agent", last_name)),
        Placeholder("agent.job_title", _("Job title of the agent"), _job_title),
    ):
        register_placeholder(placeholder)


def _named(who: str, part: Callable[[str], str]) -> Callable[[Mapping[str, Any]], str]:
    def resolve(context: Mapping[str, Any]) -> str:
        person = context.get(who)
        return part(person.name) if isinstance(person, Person) else ""

    return resolve


def _organisation(context: Mapping[str, Any]) -> str:
    found = context.get("organisation")
    if found is None:
        person = context.get("person")
        found = person.organisation if isinstance(person, Person) else None
    return found.name if isinstance(found, Organisation) else ""


def _job_title(context: Mapping[str, Any]) -> str:
    person = context.get("agent")
    return person.job_title if isinstance(person, Person) else ""
