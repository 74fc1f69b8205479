"""What can be asked of a person and of an organisation, for segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.core.vocabulary import Condition, ValueType, register_condition
from otklik.desk.texts import list_languages
from otklik.kit.text import sort_key
from otklik.people.models import Agent, Consent, ConsentKind, Identity, Organisation, Person

PERSON, ORGANISATION = "people.Person", "people.Organisation"
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class CodeCondition(Condition):
    """A code in a column that holds "" for nothing."""

    def q(
        self,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> Q:
        cleaned = self.clean(code, value)
        if code == "is_empty":
            return Q(**{self.path: ""})
        if code == "is_filled":
            return ~Q(**{self.path: ""})
        found = Q(**{f"{self.path}__in": cleaned})
        return found if code == "in" else ~found


@dataclass(frozen=True, slots=True)
class ConsentCondition(Condition):
    """To which kinds somebody's last word is yes."""

    def q(
        self,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> Q:
        cleaned = self.clean(code, value)
        given = Consent.objects.filter(person=OuterRef("pk"), is_current=True, is_given=True)
        if code == "is_empty":
            return ~Q(Exists(given))
        if code == "is_filled":
            return Q(Exists(given))
        if code == "has_all":
            found = Q()
            for each in sorted(cleaned):
                found &= Q(Exists(given.filter(kind__code=each)))
            return found
        any_of = Q(Exists(given.filter(kind__code__in=cleaned)))
        return any_of if code == "has_any" else ~any_of


@dataclass(frozen=True, slots=True)
class ProvenCondition(Condition):
    """Whether an e-mail address of theirs is proven."""

    def q(
        self,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> Q:
        found = Q(Exists(Identity.objects.verified().filter(person=OuterRef("pk"), kind="email")))
        return found if self.clean(code, value) else ~found


class OrganisationNames:
    """Organisations by name: thousands are no menu."""

    def find(self, text: str) -> frozenset[Any]:
        rows = Organisation.objects.filter(sort_name=sort_key(text))
        return frozenset(rows.values_list("pk", flat=True)[:_MOST_NAMED])

    def spell(self, values: frozenset[Any]) -> list[tuple[str, frozenset[Any]]]:
        found = []
        for row in Organisation.objects.filter(pk__in=values):
            alike = self.find(row.name)
            if alike <= values:
                found.append((row.name, alike))
        return found

    def suggest(self, text: str, limit: int) -> list[str]:
        rows = Organisation.objects.filter(sort_name__startswith=sort_key(text))
        return list(rows.values_list("name", flat=True)[:limit])


def _languages() -> Sequence[tuple[str, str]]:
    return [(code, str(name)) for code, name in list_languages()]


def _zones() -> Sequence[tuple[str, str]]:
    from otklik.people.forms import list_time_zones

    return [(name, name) for name in list_time_zones()]


def _agents() -> Sequence[tuple[int, str]]:
    rows = Agent.objects.filter(is_active=True).select_related("person")
    return [(row.pk, row.person.name) for row in rows.order_by("person__sort_name", "id")]


def _kinds() -> Sequence[tuple[str, str]]:
    return [(row.code, row.name) for row in ConsentKind.objects.all()]


def _consents(person: Person) -> frozenset[str]:
    rows = Consent.objects.filter(person=person, is_current=True, is_given=True)
    return frozenset(rows.values_list("kind__code", flat=True))


def _is_proven(person: Person) -> bool:
    return Identity.objects.verified().filter(person=person, kind="email").exists()


def _facts(thing: str, model: str) -> tuple[Condition, ...]:
    """What is known of both."""
    return (
        Condition(
            f"{thing}.account_manager",
            _("Account manager"),
            ValueType.REFERENCE,
            model,
            "account_manager",
            lambda row: row.account_manager_id,
            _agents,
            names=("manager", "менеджер"),
        ),
        Condition(
            f"{thing}.vip",
            _("VIP"),
            ValueType.BOOLEAN,
            model,
            "is_vip",
            lambda row: row.is_vip,
            names=("vip", "вип"),
        ),
        Condition(
            f"{thing}.created",
            _("Known since"),
            ValueType.MOMENT,
            model,
            "created_at",
            lambda row: row.created_at,
            names=("created", "появился"),
        ),
    )


CONDITIONS: tuple[Condition, ...] = (
    CodeCondition(
        "person.language",
        _("Language"),
        ValueType.CHOICE,
        PERSON,
        "language",
        lambda person: person.language or None,
        _languages,
        names=("language", "язык"),
    ),
    CodeCondition(
        "person.time_zone",
        _("Time zone"),
        ValueType.CHOICE,
        PERSON,
        "time_zone",
        lambda person: person.time_zone or None,
        _zones,
        names=("zone", "пояс"),
    ),
    Condition(
        "person.organisation",
        _("Organisation"),
        ValueType.REFERENCE,
        PERSON,
        "organisation",
        lambda person: person.organisation_id,
        names=("org", "организация", "organisation"),
        naming=OrganisationNames(),
    ),
    ConsentCondition(
        "person.consent",
        _("Agreed to"),
        ValueType.CODES,
        PERSON,
        "pk",
        _consents,
        _kinds,
        names=("consent", "согласие"),
    ),
    ProvenCondition(
        "person.proven_email",
        _("Has a confirmed e-mail address"),
        ValueType.BOOLEAN,
        PERSON,
        "pk",
        _is_proven,
        names=("confirmed", "подтверждён"),
    ),
    Condition(
        "person.last_seen",
        _("Last here"),
        ValueType.MOMENT,
        PERSON,
        "last_seen_at",
        lambda person: person.last_seen_at,
        names=("seen", "писал"),
    ),
    Condition(
        "person.blocked",
        _("Blocked"),
        ValueType.BOOLEAN,
        PERSON,
        "is_blocked",
        lambda person: person.is_blocked,
        names=("blocked", "заблокирован"),
    ),
    *_facts("person", PERSON),
    *_facts("organisation", ORGANISATION),
)


def wire() -> None:
    for condition in CONDITIONS:
        register_condition(condition)
