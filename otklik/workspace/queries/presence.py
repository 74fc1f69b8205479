"""Who else is in a ticket, who writes at the same time, who talks with the same person elsewhere.

From the memory of this front (`core.realtime.presence`); names by one query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.access import NOBODY, Actor, Missing
from otklik.core.realtime.presence import Here, here
from otklik.people.models import Person
from otklik.tickets.models import Direction, Draft, Message, MessageKind, Ticket
from otklik.ui import marks

PLACE = "presence"
TALKS = "talks"  # of one person: another ticket of theirs was opened or opened again
READING, REPLY, NOTE = "reading", "reply", "note"
WRITING = (REPLY, NOTE)
LATELY = timedelta(hours=1)  # an answer younger than this is a talk that still goes on
MOST_SHOWN = 4
MOST_ELSEWHERE = 5
_LOOKED_AT = 20
_RANKS = {REPLY: 0, NOTE: 1, READING: 2}


@dataclass(frozen=True, slots=True)
class Companion:
    person_id: int
    name: str
    avatar: SafeString
    doing: str
    since: datetime
    words: str

    @property
    def is_writing(self) -> bool:
        return self.doing in WRITING


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another open ticket of the same person, where a colleague has answered or is writing."""

    ticket_id: int
    number: int
    subject: str
    name: str
    is_writing: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Collision:
    writers: list[Companion]
    elsewhere: list[Elsewhere]
    topics: str  # whose changes change this


def place_of(ticket_id: int) -> str:
    return f"{PLACE}:{ticket_id}"


def list_companions(actor: Actor, ticket_id: int) -> list[Companion]:
    """Everybody but oneself; who writes before who reads, then who came first."""
    found = _others(actor, here.list_here(place_of(ticket_id)))
    names = _names(one.person_id for one in found)
    return [_companion(one, names) for one in found if one.person_id in names]


def is_writing(ticket_id: int, person_id: int) -> str:
    """What this one writes there now, "" for nothing."""
    found = here.list_here(place_of(ticket_id))
    doing = [one.doing for one in found if one.person_id == person_id and one.doing in WRITING]
    return min(doing, key=_RANKS.__getitem__, default="")


def find_text_of(ticket_id: int, person_id: int) -> Draft | None:
    """What a colleague writes into this ticket just now, as last kept; None: nothing yet. Raises
    Missing for one who is not writing here: what somebody put aside is theirs alone."""
    doing = is_writing(ticket_id, person_id)
    if not doing:
        raise Missing(_("They are no longer writing here."))
    kind = "note" if doing == NOTE else "public"
    return Draft.objects.filter(ticket=ticket_id, author=person_id, kind=kind).first()


def get_collision(actor: Actor, ticket: Ticket, *, looks_elsewhere: bool = True) -> Collision:
    """``looks_elsewhere`` costs a question; a page that is just being drawn asks it afterwards."""
    writers = [one for one in list_companions(actor, ticket.pk) if one.is_writing]
    others = list(_open_of(actor, ticket)) if looks_elsewhere else []
    topics = [place_of(ticket.pk), f"{TALKS}:{ticket.requester_id}"]
    for row in others[:MOST_ELSEWHERE]:
        topics += [place_of(row.pk), f"ticket:{row.pk}"]
    return Collision(writers, _elsewhere(actor, others), " ".join(topics))


def list_names_here(ticket_ids: Iterable[int]) -> dict[int, str]:
    """Person → name, of all who are in these tickets."""
    found = (one for pk in ticket_ids for one in here.list_here(place_of(pk)))
    return _names(one.person_id for one in found)


def list_signs(
    actor: Actor,
    ticket_ids: Iterable[int] | None = None,
    *,
    names: Mapping[int, str] | None = None,
) -> dict[int, SafeString]:
    """Ticket → a small sign of who else is in it; of all tickets this one may see, or of these.
    ``names`` of some who were known to be there."""
    if ticket_ids is None:
        places = {int(ident): found for ident, found in here.list_places(PLACE).items()}
    else:
        places = {pk: here.list_here(place_of(pk)) for pk in set(ticket_ids)}
    places = {pk: others for pk, found in places.items() if (others := _others(actor, found))}
    if not places:
        return {}
    if ticket_ids is None:
        seen = Ticket.objects.visible_to(actor).filter(pk__in=list(places)[:1000])
        places = {pk: places[pk] for pk in seen.values_list("pk", flat=True)}
    first = {found[0].person_id for found in places.values()}
    if names is None or not first <= names.keys():
        names = _names(first)
    return {pk: _sign(found, names) for pk, found in places.items() if found[0].person_id in names}


class Signs:
    """Signs of some tickets for many who look: what all but those who are in one see of it is made
    once, until somebody comes or goes. In the language of its first question."""

    def __init__(self, ticket_ids: Iterable[int]) -> None:
        self._ids = frozenset(ticket_ids)
        self._names = list_names_here(self._ids)
        self._generation = -1
        self._people: dict[int, set[int]] = {}
        self._shared: dict[int, SafeString] = {}

    def seen_by(self, actor: Actor, ticket_ids: Iterable[int]) -> Mapping[int, SafeString]:
        if self._generation != here.generation:
            self._look()
        ids = set(ticket_ids)
        own = {pk for pk in ids if actor.person_id in self._people.get(pk, ())}
        found = {pk: self._shared[pk] for pk in ids - own if pk in self._shared}
        return found | list_signs(actor, own, names=self._names) if own else found

    def _look(self) -> None:
        generation = here.generation
        places = ((pk, here.list_here(place_of(pk))) for pk in self._ids)
        self._people = {pk: {one.person_id for one in found} for pk, found in places if found}
        self._shared = list_signs(NOBODY, self._people, names=self._names)
        self._generation = generation


def _others(actor: Actor, found: Iterable[Here]) -> list[Here]:
    """Each person once, with what says most of them."""
    strongest: dict[int, Here] = {}
    for one in found:
        if one.person_id == actor.person_id or one.doing not in _RANKS:
            continue
        known = strongest.get(one.person_id)
        if known is None or _RANKS[one.doing] < _RANKS[known.doing]:
            strongest[one.person_id] = one
    return sorted(strongest.values(), key=lambda one: (_RANKS[one.doing], one.person_id))


def _names(person_ids: Iterable[int]) -> dict[int, str]:
    ids = set(person_ids)
    if not ids:
        return {}
    rows = Person.objects.filter(pk__in=ids).values_list("pk", "name")
    return {pk: name or _("Somebody") for pk, name in rows}


def _companion(one: Here, names: Mapping[int, str]) -> Companion:
    name = names[one.person_id]
    words = _doing_words(one.doing) % {"name": name}
    avatar = marks.avatar(name, one.person_id, 18)
    return Companion(one.person_id, name, avatar, one.doing, one.since, words)


def _doing_words(doing: str) -> str:
    return {
        REPLY: _("%(name)s is writing a reply"),
        NOTE: _("%(name)s is writing a note"),
    }.get(doing, _("%(name)s is looking at this ticket"))


def _sign(found: list[Here], names: Mapping[int, str]) -> SafeString:
    first = found[0]
    name = names[first.person_id]
    words = _doing_words(first.doing) % {"name": name}
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return format_html(
        '<span class="row-here{}" data-tip="{}{}">{}'
        '<span class="visually-hidden">{}{}</span></span>',
        " row-here-writes" if first.doing in WRITING else "",
        words,
        more,
        marks.avatar(name, first.person_id, 18),
        words,
        more,
    )


def _open_of(actor: Actor, ticket: Ticket) -> Iterable[Ticket]:
    rows = Ticket.objects.visible_to(actor).filter(requester=ticket.requester_id)
    rows = rows.unfinished().exclude(pk=ticket.pk).order_by("-id")
    return rows.only("number", "subject", "last_message_at", "last_message_by")[:_LOOKED_AT]


def _elsewhere(actor: Actor, others: list[Ticket]) -> list[Elsewhere]:
    writing = {
        row.pk: found
        for row in others
        if (found := _others(actor, here.list_here(place_of(row.pk)))) and found[0].doing == REPLY
    }
    since = timezone.now() - LATELY
    lately = [r.pk for r in others if r.last_message_by == "agent" and r.last_message_at >= since]
    answered = _answered(actor, [pk for pk in lately if pk not in writing], since)
    names = _names(found[0].person_id for found in writing.values())
    told = []
    for row in others:
        if row.pk in writing and writing[row.pk][0].person_id in names:
            one = writing[row.pk][0]
            name, at, is_now = names[one.person_id], one.since, True
        elif row.pk in answered:
            name, at = answered[row.pk]
            is_now = False
        else:
            continue
        told.append(Elsewhere(row.pk, row.number, row.subject, name, is_now, at))
    return told[:MOST_ELSEWHERE]


def _answered(
    actor: Actor, ticket_ids: list[int], since: datetime
) -> dict[int, tuple[str, datetime]]:
    """Ticket → who of the others wrote its last answer, and when."""
    if not ticket_ids:
        return {}
    rows = Message.objects.filter(
        ticket_id__in=ticket_ids,
        direction=Direction.OUT,
        kind=MessageKind.PUBLIC,
        is_automatic=False,
        created_at__gte=since,
    )
    last: dict[int, tuple[str, datetime]] = {}
    mine = set()
    found = rows.order_by("-id").values_list("ticket_id", "author_id", "author__name", "created_at")
    for ticket_id, author_id, name, at in found[:100]:
        if author_id == actor.person_id and ticket_id not in last:
            mine.add(ticket_id)
        elif ticket_id not in mine:
            last.setdefault(ticket_id, (name or _("Somebody"), at))
    return last
