"""One line of the timeline in words: who did what, from which to which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.core.events.models import EventRow
from otklik.core.fields.kinds import words_of
from otklik.core.fields.models import Field
from otklik.people.models import Agent, Identity, Person, Team
from otklik.tickets.models import Category, Kind, Priority, Status, Tag
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries.sending_lines import LINES
from otklik.workspace.queries.solving_words import PASSED_OVER, find_passed_over
from otklik.workspace.queries.tie_words import TIES, find_reversible, find_tied, tie_of


@dataclass
class Names:
    """Every name the lines need, read in a few queries instead of one per line."""

    persons: dict[int, str] = field(default_factory=dict)
    agents: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    identities: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, int] = field(default_factory=dict)  # id → number
    items: dict[int, str] = field(default_factory=dict)  # of checklists, passed over
    parts: dict[int, int] = field(default_factory=dict)  # the same, id → number
    reversible: frozenset[int] = frozenset()  # operations that this one may undo
    fields: dict[int, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    icon: str
    who: str
    what: str
    url: str = ""
    link: str = ""
    undo_url: str = ""


def read_names(events: Iterable[EventRow], actor: Actor | None = None) -> Names:
    rows = list(events)
    language = (get_language() or "").partition("-")[0]
    names = Names()
    known = _persons_in(rows)
    names.persons = dict(_names_of(known)) if known else {}
    if nameless := [pk for pk, name in names.persons.items() if not name]:
        addresses = Identity.objects.filter(person__in=nameless).order_by("-pk")
        names.persons |= {row.person_id: str(row) for row in addresses}
    if agents := _agents_in(rows):
        names.agents = dict(_names_of_agents(agents))
    if teams := _ids(rows, "ticket.transferred"):
        names.teams = dict(Team.objects.filter(pk__in=teams).values_list("pk", "name"))
    tags = {row.data.get("tag_id") for row in rows} - {None}
    if tags:
        names.tags = dict(Tag.every.filter(pk__in=tags).values_list("pk", "name"))
    fields = {row.data.get("field_id") for row in rows} - {None}
    if fields:
        names.fields = Field.objects.in_bulk(list(fields))
    identities = {row.data.get("identity_id") for row in rows} - {None}
    if identities:
        rows_of = Identity.objects.filter(pk__in=identities)
        names.identities = {row.pk: str(row) for row in rows_of}
    categories = _ids([row for row in rows if row.data.get("field") == "category"])
    if categories:
        found_categories = Category.objects.filter(pk__in=categories)
        names.categories = {row.pk: row.label(language) for row in found_categories}
    read_ties(rows, names, actor)
    names.items, names.parts = find_passed_over(rows)
    if any(row.name == "ticket.status_changed" for row in rows):
        names.statuses = _statuses(language)
    return names


def ask_ahead(ahead: Ahead, told: Iterable[Sequence[EventRow]]) -> None:
    """For `read_names` of each of these: who is in any of them."""
    lines = list(told)
    _ask_names(ahead, _names_of, [_persons_in(rows) for rows in lines])
    _ask_names(ahead, _names_of_agents, [_agents_in(rows) for rows in lines])


def _ask_names(
    ahead: Ahead,
    question: Callable[[tuple[int, ...]], list[tuple[int, str]]],
    wanted: Iterable[tuple[int, ...]],
) -> None:
    asked = [ids for ids in wanted if ids]
    names = dict(question(tuple(sorted(set().union(*asked))))) if asked else {}
    for ids in asked:
        ahead.keep(question, (ids,), [(pk, names[pk]) for pk in ids if pk in names])


@briefly
def _statuses(language: str) -> dict[int, str]:
    return {row.pk: row.label(language) for row in Status.objects.all()}


def _agents_in(rows: Sequence[EventRow]) -> tuple[int, ...]:
    return tuple(sorted(_ids(rows, "ticket.assigned")))


def _persons_in(rows: Sequence[EventRow]) -> tuple[int, ...]:
    persons = {row.actor_id for row in rows if row.actor_kind in ("agent", "customer")}
    persons |= {row.person_id for row in rows}
    return tuple(sorted(pk for pk in persons if pk is not None))


@spelt_once
def _names_of(persons: tuple[int, ...]) -> Iterable[tuple[int, str]]:
    return Person.objects.filter(pk__in=persons).order_by().values_list("pk", "name")


@spelt_once
def _names_of_agents(agents: tuple[int, ...]) -> Iterable[tuple[int, str]]:
    return Agent.objects.filter(pk__in=agents).order_by().values_list("pk", "person__name")


def read_ties(rows: Iterable[EventRow], names: Names, actor: Actor | None) -> None:
    tied = [row for row in rows if row.name in TIES]
    if tied:
        names.tickets = find_tied(tied)
        names.reversible = find_reversible(actor, tied)


def line_of(row: EventRow, names: Names) -> Line | None:
    """None for what needs no telling."""
    make = _LINES.get(row.name) or LINES.get(row.name)
    if make is None:
        return None
    icon, what = make(row, names)
    if not what:
        return None
    url, link, undo_url = tie_of(row, names.tickets, names.reversible)
    return Line(icon, who_acted(row, names), what, url, link, undo_url)


def who_acted(row: EventRow, names: Names) -> str:
    if row.actor_kind in (ActorKind.AGENT, ActorKind.CUSTOMER) and row.actor_id is not None:
        return names.persons.get(row.actor_id) or _("Somebody")
    if row.actor_kind == ActorKind.RULE:
        return _("A rule")
    if row.actor_kind == ActorKind.BOT:
        return _("The bot")
    if row.actor_kind == ActorKind.TOKEN:
        return _("A program")
    return _("The desk")


def _status(row: EventRow, names: Names) -> tuple[str, str]:
    old = names.statuses.get(row.data.get("old", 0), "")
    new = names.statuses.get(row.data.get("new", 0), "")
    what = _("status: %(old)s → %(new)s") % {"old": old, "new": new}
    reason = row.data.get("reason")
    if reason == "customer_reply":
        return "rotate-ccw", _("%(what)s, the customer has answered") % {"what": what}
    if reason == "schedule":
        return "clock", _("%(what)s, by schedule") % {"what": what}
    return "circle-dot", what


def _assigned(row: EventRow, names: Names) -> tuple[str, str]:
    old, new = row.data.get("old"), row.data.get("new")
    to = names.agents.get(new, "") if new else ""
    since = names.agents.get(old, "") if old else ""
    if to and not since and to == names.persons.get(row.actor_id or 0):
        return "user-check", _("takes the ticket")
    if to and since:
        return "user-check", _("assignee: %(old)s → %(new)s") % {"old": since, "new": to}
    if to:
        return "user-check", _("assignee: %(new)s") % {"new": to}
    return "user-x", _("no assignee any more, before: %(old)s") % {"old": since}


def _transferred(row: EventRow, names: Names) -> tuple[str, str]:
    nobody = _("no team")
    old = names.teams.get(row.data.get("old") or 0, nobody)
    new = names.teams.get(row.data.get("new") or 0, nobody)
    return "arrow-right-left", _("team: %(old)s → %(new)s") % {"old": old, "new": new}


def _changed(row: EventRow, names: Names) -> tuple[str, str]:
    name, old, new = row.data.get("field"), row.data.get("old"), row.data.get("new")
    if name == "subject":
        return "pencil", _("changed the subject")
    if name == "priority":
        words = _("priority: %(old)s → %(new)s")
        return "signal", words % {"old": _label(Priority, old), "new": _label(Priority, new)}
    if name == "kind":
        words = _("kind: %(old)s → %(new)s")
        return "shapes", words % {"old": _label(Kind, old), "new": _label(Kind, new)}
    if name == "category":
        none = _("none")
        words = _("category: %(old)s → %(new)s")
        return "folder", words % {
            "old": names.categories.get(old or 0, none),
            "new": names.categories.get(new or 0, none),
        }
    if name == "language":
        return "languages", _("changed the language")
    return "pencil", _("changed the ticket")


def _tagged(row: EventRow, names: Names) -> tuple[str, str]:
    tag = names.tags.get(row.data.get("tag_id", 0), "")
    if row.name == "ticket.tagged":
        return "tag", _("added the tag “%(tag)s”") % {"tag": tag}
    return "tag", _("took off the tag “%(tag)s”") % {"tag": tag}


def _participant(row: EventRow, names: Names) -> tuple[str, str]:
    who = names.identities.get(row.data.get("identity_id", 0), "")
    words = {
        "participant.added": _("%(who)s takes part"),
        "participant.confirmed": _("let %(who)s in"),
        "participant.removed": _("%(who)s takes part no longer"),
    }[row.name]
    return "users", words % {"who": who}


def _bounced(row: EventRow, names: Names) -> str:
    words = {
        "hard": _("learnt that %(who)s does not exist: the letter came back"),
        "soft": _("learnt that the letter to %(who)s came back: full or out of reach"),
        "refused": _("learnt that the server of %(who)s refuses the letter"),
        "delayed": _("learnt that the letter to %(who)s is delayed"),
        "complaint": _("learnt that %(who)s called the letter spam"),
        "delivered": _("learnt that the letter to %(who)s has arrived"),
    }.get(row.data.get("kind", ""), "")
    return words % {"who": names.identities.get(row.data.get("identity_id", 0), "")}


def _snoozed(row: EventRow, names: Names) -> tuple[str, str]:
    until = parse_datetime(row.data.get("until") or "")
    if until is None:
        return "calendar-clock", _("snoozed the ticket until the customer answers")
    at = moment_words(timezone.localtime(until), "full")
    return "calendar-clock", _("snoozed the ticket until %(time)s") % {"time": at}


def _woken(row: EventRow, names: Names) -> tuple[str, str]:
    words = {
        "due": _("brought the ticket back: its time has come"),
        "answer": _("brought the ticket back: the customer has answered"),
        "assigned": _("brought the ticket back for its new assignee"),
        "hand": _("brought the ticket back"),
        "undo": _("brought the ticket back"),
        "merged": _("brought the ticket back: a ticket that waits was merged into it"),
    }
    return "calendar-check", words.get(row.data.get("reason", ""), "")


def _following(row: EventRow, names: Names) -> tuple[str, str]:
    if row.person_id != row.actor_id and row.person_id in names.persons:
        who = names.persons[row.person_id]
        if row.name == "ticket.followed":
            return "eye", _("had %(who)s follow the ticket") % {"who": who}
        return "eye-off", _("had %(who)s follow the ticket no longer") % {"who": who}
    if row.name == "ticket.followed":
        return "eye", _("follows the ticket")
    return "eye-off", _("follows the ticket no longer")


def _value(row: EventRow, names: Names) -> tuple[str, str]:
    field = names.fields.get(row.data.get("field_id", 0))
    if field is None:
        return "pencil", ""
    new = row.data.get("new")
    said = {"field": field.label_now(), "value": words_of(field, new)}
    if new is None:
        return "pencil", _("changed “%(field)s”") % said
    return "pencil", _("%(field)s: %(value)s") % said


_LINES = {
    "field.value_changed": _value,
    "checklist.added": lambda row, names: ("list-checks", _("added a checklist")),
    "checklist.removed": lambda row, names: ("list-checks", _("took a checklist away")),
    "checklist.item_ticked": lambda row, names: ("list-checks", _("ticked an item off")),
    "checklist.item_unticked": lambda row, names: ("list-checks", _("unticked an item")),
    "ticket.status_changed": _status,
    "ticket.assigned": _assigned,
    "ticket.transferred": _transferred,
    "ticket.changed": _changed,
    "ticket.tagged": _tagged,
    "ticket.untagged": _tagged,
    "ticket.followed": _following,
    "ticket.unfollowed": _following,
    "ticket.snoozed": _snoozed,
    "ticket.woken": _woken,
    "message.pinned": lambda row, names: ("pin", _("pinned a message")),
    "message.unpinned": lambda row, names: ("pin-off", _("unpinned a message")),
    "ticket.trashed": lambda row, names: ("trash-2", _("moved the ticket to the trash")),
    "ticket.marked_spam": lambda row, names: ("ban", _("called it spam")),
    "ticket.unmarked_spam": lambda row, names: ("inbox", _("called it no spam")),
    "message.bounced": lambda row, names: ("circle-alert", _bounced(row, names)),
    "message.hidden": lambda row, names: (
        "eye-off",
        _("hid a letter that its sender's domain disowns"),
    ),
    "ticket.hold_placed": lambda row, names: ("scale", _("placed a legal hold")),
    "ticket.hold_lifted": lambda row, names: ("scale", _("lifted the legal hold")),
    "ticket.files_erased": lambda row, names: ("eraser", _("erased the files")),
    "ticket.texts_erased": lambda row, names: ("eraser", _("erased the texts and files")),
    "ticket.restored": lambda row, names: ("rotate-ccw", _("restored the ticket")),
    "participant.added": _participant,
    "participant.confirmed": _participant,
    "participant.removed": _participant,
    **TIES,
    **PASSED_OVER,
}


def _label(choices: type, value: object) -> str:
    try:
        return str(choices(value).label)
    except ValueError:
        return str(value)


def _ids(rows: Iterable[EventRow], name: str = "") -> set[int]:
    return {
        row.data[side]
        for row in rows
        if not name or row.name == name
        for side in ("old", "new")
        if row.data.get(side)
    }
