"""What can be asked of a ticket: views, rules, regulations and queries all use these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.core.db.briefly import briefly
from otklik.core.vocabulary import Condition, ValueType
from otklik.desk.models import Account, Brand
from otklik.kit.text import sort_key
from otklik.people.models import Agent, Team
from otklik.tickets.models import Kind, Priority, Status, StatusKind, Ticket
from otklik.tickets.naming import (
    CategoryNaming,
    OrganisationNaming,
    RequesterNaming,
    TagNaming,
)

MODEL = "tickets.Ticket"


@briefly
def teams() -> Sequence[tuple[int, str]]:
    return [(team.pk, team.name) for team in Team.objects.filter(is_active=True)]


@briefly
def agents() -> Sequence[tuple[int, str]]:
    rows = Agent.objects.filter(is_active=True).select_related("person")
    return [(agent.pk, agent.person.name) for agent in rows.order_by("person__sort_name")]


def statuses() -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in StatusKind.choices]


def kinds() -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in Kind.choices]


def priorities() -> Sequence[tuple[int, str]]:
    return [(value, str(label)) for value, label in Priority.choices]


def channels() -> Sequence[tuple[str, str]]:
    """The ways in that are set up, and those by which agents write requests down."""
    known = {
        "email": pgettext_lazy("channel", "E-mail"),
        "web": pgettext_lazy("channel", "Web form"),
        "phone": pgettext_lazy("channel", "Call"),
        "visit": pgettext_lazy("channel", "Visit"),
        "letter": pgettext_lazy("channel", "Letter"),
    }
    return [(code, str(known.get(code, code))) for code in dict.fromkeys([*known, *_in_use()])]


@briefly
def _in_use() -> list[str]:
    return list(Account.objects.order_by().values_list("kind", flat=True).distinct())


def _steps() -> Sequence[tuple[int, str]]:
    language = (get_language() or "").partition("-")[0]
    return [(row.pk, row.label(language)) for row in _active_statuses()]


@briefly
def _active_statuses() -> list[Status]:
    return list(Status.objects.filter(is_active=True))


@briefly
def _brands() -> Sequence[tuple[int, str]]:
    return [(row.pk, row.name) for row in Brand.objects.all()]


def _voices() -> Sequence[tuple[str, str]]:
    return [
        ("customer", str(pgettext_lazy("who wrote last", "Customer"))),
        ("agent", str(pgettext_lazy("who wrote last", "Agent"))),
    ]


def _tag_ids(ticket: Ticket) -> frozenset[int]:
    if ticket._state.adding:  # it is being written down
        return frozenset()
    return frozenset(ticket.tags.values_list("pk", flat=True))


def _my_agents(actor: Actor) -> Iterable[int]:
    return _agents_of(actor.person_id) if actor.person_id is not None else ()


@briefly
def _agents_of(person_id: int) -> tuple[int, ...]:
    return tuple(Agent.objects.filter(person_id=person_id).values_list("pk", flat=True))


def _follower_ids(ticket: Ticket) -> frozenset[int]:
    if ticket._state.adding:
        return frozenset()
    return frozenset(ticket.followers.values_list("pk", flat=True))


@briefly
def colleagues() -> Sequence[tuple[int, str]]:
    """Who may follow: active agents, by their persons."""
    rows = Agent.objects.filter(is_active=True).select_related("person")
    return [(row.person_id, row.person.name) for row in rows.order_by("person__sort_name")]


def _myself(actor: Actor) -> Iterable[int]:
    return () if actor.person_id is None else (actor.person_id,)


def _named_or_addressed(text: str) -> str:
    return "ticket.requester_address" if "@" in text else "ticket.requester_name"


def _lower(text: str) -> str:
    return text.strip().lower()


def _moment(
    word: str, label: object, column: str, names: tuple[str, ...], *, is_ahead: bool = False
) -> Condition:
    return Condition(
        f"ticket.{word}",
        label,  # type: ignore[arg-type]
        ValueType.MOMENT,
        MODEL,
        column,
        lambda ticket: getattr(ticket, column),
        names=names,
        is_ahead=is_ahead,
    )


def _column(word: str, label: object, kind: ValueType, column: str, **more: object) -> Condition:
    path = column.removesuffix("_id")
    return Condition(
        f"ticket.{word}",
        label,  # type: ignore[arg-type]
        kind,
        MODEL,
        path,
        lambda ticket: getattr(ticket, column),
        **more,  # type: ignore[arg-type]
    )


CONDITIONS = (
    _column(
        *("status", _("Status"), ValueType.CHOICE, "status_kind"),
        choices=statuses,
        names=("status", "статус", "состояние"),
    ),
    _column(
        *("assignee", _("Assignee"), ValueType.REFERENCE, "assignee_id"),
        choices=agents,
        names=("assignee", "исполнитель", "agent", "специалист"),
        me=_my_agents,
    ),
    _column(
        *("team", _("Team"), ValueType.REFERENCE, "team_id"),
        choices=teams,
        names=("team", "команда"),
        me=lambda actor: actor.team_ids,
    ),
    _column(
        *("priority", _("Priority"), ValueType.NUMBER, "priority"),
        choices=priorities,
        names=("priority", "приоритет"),
    ),
    Condition(
        "ticket.tags",
        _("Tags"),
        ValueType.REFERENCES,
        MODEL,
        "tags",
        _tag_ids,
        names=("tag", "метка", "tags", "метки", "тег"),
        naming=TagNaming(),
    ),
    Condition(
        "ticket.followers",
        _("Followers"),
        ValueType.REFERENCES,
        MODEL,
        "followers",
        _follower_ids,
        choices=colleagues,
        names=("follower", "следит", "followers", "наблюдатель"),
        me=_myself,
    ),
    Condition(
        "ticket.subject",
        _("Subject"),
        ValueType.TEXT,
        MODEL,
        "subject_key",
        lambda ticket: ticket.subject_key,
        normalise=sort_key,
        names=("subject", "тема"),
    ),
    _column(
        *("requester", pgettext_lazy("of a ticket", "Customer"), ValueType.REFERENCE),
        "requester_id",
        names=("requester", "клиент", "customer", "заявитель"),
        me=_myself,
        naming=RequesterNaming(),
        otherwise=_named_or_addressed,
    ),
    _column(
        *("organisation", _("Organisation"), ValueType.REFERENCE, "organisation_id"),
        names=("org", "организация", "organisation", "organization"),
        naming=OrganisationNaming(),
        otherwise=lambda text: "ticket.organisation_name",
    ),
    _column(
        *("category", _("Category"), ValueType.REFERENCE, "category_id"),
        names=("category", "категория"),
        naming=CategoryNaming(),
    ),
    _moment("updated", _("Changed"), "updated_at", ("updated", "изменена", "изменён")),
    _moment("created", _("Opened"), "created_at", ("created", "создана", "создан")),
    _moment("due", _("Due"), "next_due_at", ("due", "срок"), is_ahead=True),
    _column(
        *("unfinished", _("Still wants work"), ValueType.BOOLEAN, "is_unfinished"),
        names=("unfinished", "незавершена"),
    ),
    _column(
        *("channel", _("Channel"), ValueType.CHOICE, "last_channel"),
        choices=channels,
        names=("channel", "канал"),
    ),
    _column(
        *("kind", _("Kind"), ValueType.CHOICE, "kind"),
        choices=kinds,
        names=("kind", "вид"),
    ),
    _column(
        *("brand", _("Brand"), ValueType.REFERENCE, "brand_id"),
        choices=_brands,
        names=("brand", "бренд"),
    ),
    _column(
        *("step", _("Status of our own"), ValueType.REFERENCE, "status_id"),
        choices=_steps,
        names=("step", "шаг"),
    ),
    _moment(
        *("snoozed_until", _("Snoozed until"), "snoozed_until", ("snoozed", "отложена")),
        is_ahead=True,
    ),
    _moment("waiting", _("Waiting since"), "waiting_since", ("waiting", "ждёт")),
    _moment("last_message", _("Last message"), "last_message_at", ("message", "сообщение")),
    _column(
        *("last_by", _("Who wrote last"), ValueType.CHOICE, "last_message_by"),
        choices=_voices,
        names=("last", "последний"),
    ),
    _column(
        *("messages", _("How many messages"), ValueType.NUMBER, "message_count"),
        names=("messages", "сообщений"),
    ),
    _moment("solved", _("Solved on"), "solved_at", ("solved", "решена")),
    _moment("closed", _("Closed on"), "closed_at", ("closed", "закрыта")),
    Condition(
        "ticket.requester_name",
        _("Customer's name"),
        ValueType.TEXT,
        MODEL,
        "requester__sort_name",
        lambda ticket: ticket.requester.sort_name if ticket.requester_id else "",
        normalise=sort_key,
        names=("name", "имя"),
    ),
    Condition(
        "ticket.requester_address",
        _("Customer's address"),
        ValueType.TEXT,
        MODEL,
        "requester_identity__value",
        lambda ticket: ticket.requester_identity and ticket.requester_identity.value,
        normalise=_lower,
        names=("address", "адрес"),
    ),
    Condition(
        "ticket.organisation_name",
        _("Name of the organisation"),
        ValueType.TEXT,
        MODEL,
        "organisation__sort_name",
        lambda ticket: ticket.organisation and ticket.organisation.sort_name,
        normalise=sort_key,
        names=("company", "компания"),
    ),
    _column(
        *("number", _("Number"), ValueType.NUMBER, "number"),
        names=("number", "номер"),
    ),
    Condition(
        "ticket.spam",
        _("Spam"),
        ValueType.BOOLEAN,
        MODEL,
        "spam_at",
        lambda ticket: ticket.spam_at is not None,
        names=("spam", "спам"),
        is_presence=True,
    ),
    Condition(
        "ticket.trash",
        _("In the trash"),
        ValueType.BOOLEAN,
        MODEL,
        "trashed_at",
        lambda ticket: ticket.trashed_at is not None,
        names=("trash", "корзина"),
        is_presence=True,
    ),
)
