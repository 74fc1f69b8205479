"""Who is told of replies that wait, drafts that are handed over, and answers of third parties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.notify.telling import Wish, notify_many
from otklik.notify.topics import Mail, Ways, register_topic
from otklik.tickets import sending_events as events
from otklik.tickets.models import Direction, Message, Ticket, Traineeship
from otklik.tickets.notifying.hearing import acting_person
from otklik.tickets.notifying.showing import KIND

HELD = "reply.held"
UNSOLVED = "reply.status_kept"
TO_REVIEW = "reply.waits_for_me"
RETURNED = "reply.returned"
APPROVED = "reply.approved"
GIVEN = "draft.given"
ASIDE = "side.answered"

_LOUD = Ways(screen=True, sound=True, push=True, mail=Mail.NOW)
_HEARD = Ways(screen=True, sound=True, push=True)
_SEEN = Ways(screen=True)
_ORDER = 200
_MOST = 20  # who wrote to a third party


@dataclass(frozen=True, slots=True)
class Heard:
    """Asked once for all events of a batch: mentors of each trainee, whom an answer aside
    concerns by ticket and thread."""

    mentors: Mapping[int, Sequence[int]]
    of_sides: Mapping[tuple[int, int], Sequence[int]]


def wire() -> None:
    for number, (code, label, line, ways) in enumerate(
        (
            (HELD, _("A reply of mine is held back"), _("Your reply was not sent"), _LOUD),
            (
                UNSOLVED,
                _("A reply of mine leaves without its status"),
                _("Your reply left; the status stayed"),
                _SEEN,
            ),
            (TO_REVIEW, _("A trainee's reply waits for me"), _("Waits for your approval"), _HEARD),
            (RETURNED, _("My mentor returns a reply"), _("Your reply came back"), _HEARD),
            (APPROVED, _("My mentor approves a reply"), _("Your reply was approved"), _SEEN),
            (GIVEN, _("A colleague gives me a draft"), _("A draft was given to you"), _HEARD),
            (
                ASIDE,
                _("A third party answers in a ticket of mine"),
                _("A third party answered"),
                _HEARD,
            ),
        )
    ):
        register_topic(code, label, line, ways=ways, order=_ORDER + 10 * number)
    for heard in (
        events.ReplyHeld,
        events.ReplyStatusKept,
        events.ReplySubmitted,
        events.ReplyReturned,
        events.ReplyApproved,
        events.DraftHandedOver,
        events.DraftGivenBack,
        events.SideMessageReceived,
    ):
        on(heard, name="tickets.notify_sending", phase=Phase.NOTIFY, gathers=True)(hear)


def hear(rows: Sequence[EventRow]) -> None:
    """Idempotent by event; the same few questions for one row and for fifty."""
    heard = Heard(_mentors(rows), _of_sides(rows))
    notify_many([wish for row in rows for wish in _wishes(row, heard)])


def _wishes(row: EventRow, heard: Heard) -> Iterator[Wish]:
    for person_id, topic in _told(row, heard):
        yield Wish(
            person_id=person_id,
            topic=topic,
            thing_kind=KIND,
            thing_id=row.ticket_id or 0,
            event_id=row.pk,
            part_id=row.data.get("message_id"),
            actor_id=acting_person(row),
        )


def _told(row: EventRow, heard: Heard) -> Iterator[tuple[int, str]]:
    simple = {
        "reply.held": HELD,
        "reply.status_kept": UNSOLVED,
        "reply.returned": RETURNED,
        "reply.approved": APPROVED,
        "draft.handed_over": GIVEN,
        "draft.given_back": GIVEN,
    }
    if row.name in simple and row.person_id is not None:
        yield row.person_id, simple[row.name]
    elif row.name == "reply.submitted":
        for person_id in heard.mentors.get(row.person_id or 0, ()):
            yield person_id, TO_REVIEW
    elif row.name == "side.received" and not row.data.get("is_hidden"):
        for person_id in heard.of_sides.get(
            (row.ticket_id or 0, row.data.get("thread_id") or 0), ()
        ):
            yield person_id, ASIDE


def _mentors(rows: Sequence[EventRow]) -> dict[int, list[int]]:
    trainees = {row.person_id for row in rows if row.name == "reply.submitted" and row.person_id}
    found: dict[int, list[int]] = defaultdict(list)
    if trainees:
        pairs = Traineeship.objects.filter(agent__person_id__in=trainees)
        for trainee, mentor in pairs.values_list("agent__person_id", "mentor__person_id"):
            found[trainee].append(mentor)
    return found


def _side_of(row: EventRow) -> tuple[int, int]:
    return row.ticket_id or 0, row.data.get("thread_id") or 0


def _of_sides(rows: Sequence[EventRow]) -> dict[tuple[int, int], list[int]]:
    """Who wrote to the third party, and whose ticket each is."""
    sides = {_side_of(row) for row in rows if row.name == "side.received"}
    if not sides:
        return {}
    threads = {thread for _ticket, thread in sides}
    said = Message.objects.filter(
        thread__in=threads, direction=Direction.OUT, author__isnull=False
    ).order_by()
    wrote: dict[int, list[int]] = defaultdict(list)
    for thread_id, author_id in said.values_list("thread_id", "author_id").distinct():
        if author_id is not None:
            wrote[thread_id].append(author_id)
    assigned = Ticket.objects.filter(
        pk__in={ticket for ticket, _thread in sides}, assignee__isnull=False
    )
    whose = dict(assigned.values_list("pk", "assignee__person_id"))
    found = {side: sorted(wrote[side[1]])[:_MOST] for side in sides}
    for side, people in found.items():
        person_id = whose.get(side[0])
        if person_id is not None and person_id not in people:
            people.append(person_id)
    return found
