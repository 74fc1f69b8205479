"""What narrows a list and how it is ordered, read from an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.core.vocabulary import Match, read_match
from otklik.core.vocabulary.language import Query, read_query
from otklik.core.vocabulary.matching import canonical
from otklik.tickets.models import Category, Kind, Priority, StatusKind, Tag


@dataclass(frozen=True, slots=True)
class Sort:
    """An order: by a column that is never null, then by id, in the same direction."""

    code: str
    key: str
    is_descending: bool = True


SORTS: dict[str, Sort] = {
    sort.code: sort
    for sort in (
        Sort("newest", "last_message_at"),
        Sort("oldest", "last_message_at", is_descending=False),
        Sort("created", "created_at"),
        Sort("updated", "updated_at"),
        Sort("priority", "priority"),
        Sort("solved", "solved_at"),
        Sort("waking", "snoozed_until", is_descending=False),
    )
}

LISTS = (
    *("mine", "unassigned", "team", "all", "snoozed", "followed"),
    *("solved", "any", "spam", "trash"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list. Ids and codes; empty means any."""

    list: str = "all"
    q: str = ""
    status: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    priority: tuple[int, ...] = ()
    team: tuple[int, ...] = ()
    assignee: tuple[int, ...] = ()  # agent ids; 0 is nobody
    category: int | None = None
    brand: int | None = None
    channel: str = ""
    tag: str = ""  # a tag's key
    requester: int | None = None
    organisation: int | None = None
    updated_since: datetime | None = None
    created_since: datetime | None = None
    match: Match | None = None  # whatever else the vocabulary can ask
    within: Match | None = None  # what a kept query says of the same tickets (`kept`)
    text: str = ""  # the query as it was typed, of which ``match`` and ``q`` are the meaning

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the list itself is asked for."""
        return self != Filters(list=self.list)


def read_filters(given: Mapping[str, Any], *, default_list: str = "all") -> Filters:
    """Filters from an address' query; ``query`` is one of the language of lists. Raises Invalid
    naming each that makes no sense."""
    wrong: dict[str, str] = {}

    def many(name: str) -> list[str]:
        values = given.getlist(name) if hasattr(given, "getlist") else [given.get(name, "")]
        return [part for value in values for part in str(value or "").split(",") if part]

    def ids(name: str) -> tuple[int, ...]:
        try:
            found = tuple(int(value) for value in many(name))
        except ValueError:
            wrong[name] = "not a number"
            return ()
        if any(not 0 <= value < 1 << 63 for value in found):
            wrong[name] = "unknown value"
            return ()
        return found

    def one(name: str) -> int | None:
        found = ids(name)
        return found[0] if found else None

    def codes(name: str, known: list[str]) -> tuple[str, ...]:
        found = tuple(many(name))
        if any(value not in known for value in found):
            wrong[name] = "unknown value"
        return found

    def moment(name: str) -> datetime | None:
        text = str(given.get(name) or "")
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            wrong[name] = "not a date"
            return None
        return value if value.tzinfo else value.replace(tzinfo=timezone.get_current_timezone())

    which = str(given.get("list") or default_list)
    if which not in LISTS:
        wrong["list"] = "unknown list"
    priorities = ids("priority")
    if any(value not in Priority.values for value in priorities):
        wrong["priority"] = "unknown value"
    filters = Filters(
        list=which,
        q=str(given.get("q") or "")[:300].strip(),
        status=codes("status", list(StatusKind.values)),
        kind=codes("kind", list(Kind.values)),
        priority=priorities,
        team=ids("team"),
        assignee=ids("assignee"),
        category=one("category"),
        brand=one("brand"),
        channel=str(given.get("channel") or "")[:30],
        tag=str(given.get("tag") or "")[:60],
        requester=one("requester"),
        organisation=one("organisation"),
        updated_since=moment("updated_since"),
        created_since=moment("created_since"),
    )
    if wrong:
        raise Invalid(
            _("These filters make no sense: %(names)s") % {"names": ", ".join(sorted(wrong))},
            fields=wrong,
        )
    if not given.get("query"):
        return filters
    asked = read_query("ticket", str(given["query"]))
    match = None if asked.match.is_empty else asked.match
    return replace(filters, q=f"{filters.q} {asked.words}".strip()[:300], match=match)


def query_of(filters: Filters) -> Query:
    """Everything that narrows the list, said as a query."""
    asked: list[tuple[str, str, Any]] = [
        ("status", "in", list(filters.status)),
        ("kind", "in", list(filters.kind)),
        ("priority", "in", list(filters.priority)),
        ("team", "in", list(filters.team)),
        ("assignee", "in", [agent or None for agent in filters.assignee]),
        ("channel", "in", [filters.channel] if filters.channel else []),
        ("brand", "in", _one(filters.brand)),
        ("requester", "in", _one(filters.requester)),
        ("organisation", "in", _one(filters.organisation)),
        ("updated", "since", filters.updated_since),
        ("created", "since", filters.created_since),
    ]
    if filters.category is not None:
        branch = Category.objects.filter(path__contains=f"/{filters.category}/")
        ids = list(branch.values_list("pk", flat=True))
        asked.append(("category", "in", ids or [filters.category]))
    if filters.tag:
        tags = Tag.objects.filter(key=filters.tag).values_list("pk", flat=True)
        asked.append(("tags", "has_any", list(tags) or [0]))
    given = [
        {"condition": f"ticket.{name}", "operator": operator, "value": value}
        for name, operator, value in asked
        if value
    ]
    own = read_match("ticket", {"all": given})
    match = filters.match or Match()
    return Query(canonical(Match(own.all + match.all, match.any)), filters.q)


def _one(value: int | None) -> list[int]:
    return [] if value is None else [value]


def whole_match(filters: Filters) -> Match:
    """What the list itself says as conditions, so that its index is thought of."""
    words = {
        "mine": "unfinished:yes assignee:me",
        "unassigned": "unfinished:yes assignee:none",
        "team": "unfinished:yes team:me",
        "all": "unfinished:yes",
        "snoozed": "snoozed:any",
        "spam": "spam:yes",
        "trash": "trash:yes",
    }.get(filters.list, "")
    own = read_query("ticket", words).match if words else Match()
    given = filters.match or Match()
    kept = filters.within or Match()
    return Match(own.all + given.all + kept.all, given.any + kept.any)
