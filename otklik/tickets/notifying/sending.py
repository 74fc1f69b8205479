"""Who is told of replies that wait, drafts that are handed over, and answers of third parties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
TO_REVIEW = "reply.waits_for_me"
RETURNED = "reply.returned"
APPROVED = "reply.approved"
GIVEN = "draft.given"
ASIDE = "side.answered"

_LOUD = Ways(screen=True, sound=True, push=True, mail=Mail.NOW)
_HEARD = Ways(screen=True, sound=True, push=True)
_SEEN = Ways(screen=True)
_ORDER = 200


def wire() -> None:
    for number, (code, label, line, ways) in enumerate(
        (
            (HELD, _("A reply of mine is held back"), _("Your reply was not sent"), _LOUD),
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
        events.ReplySubmitted,
        events.ReplyReturned,
        events.ReplyApproved,
        events.DraftHandedOver,
        events.DraftGivenBack,
        events.SideMessageReceived,
    ):
        on(heard, name="tickets.notify_sending", phase=Phase.NOTIFY, gathers=True)(hear)


def hear(rows: Sequence[EventRow]) -> None:
    """Idempotent by event."""
    notify_many([wish for row in rows for wish in _wishes(row)])


def _wishes(row: EventRow) -> Iterator[Wish]:
    for person_id, topic in _told(row):
        yield Wish(
            person_id=person_id,
            topic=topic,
            thing_kind=KIND,
            thing_id=row.ticket_id or 0,
            event_id=row.pk,
            part_id=row.data.get("message_id"),
            actor_id=acting_person(row),
        )


def _told(row: EventRow) -> Iterator[tuple[int, str]]:
    simple = {
        "reply.held": HELD,
        "reply.returned": RETURNED,
        "reply.approved": APPROVED,
        "draft.handed_over": GIVEN,
        "draft.given_back": GIVEN,
    }
    if row.name in simple and row.person_id is not None:
        yield row.person_id, simple[row.name]
    elif row.name == "reply.submitted":
        mentors = Traineeship.objects.filter(agent__person_id=row.person_id or 0)
        for person_id in mentors.values_list("mentor__person_id", flat=True):
            yield person_id, TO_REVIEW
    elif row.name == "side.received" and not row.data.get("is_hidden"):
        for person_id in _of_side(row):
            yield person_id, ASIDE


def _of_side(row: EventRow) -> list[int]:
    """Whose ticket it is, and who wrote to the third party."""
    wrote = Message.objects.filter(
        thread_id=row.data.get("thread_id") or 0, direction=Direction.OUT, author__isnull=False
    )
    people = list(wrote.order_by().values_list("author_id", flat=True).distinct()[:20])
    assigned = Ticket.objects.filter(pk=row.ticket_id or 0, assignee__isnull=False)
    people += assigned.values_list("assignee__person_id", flat=True)
    return [pk for pk in dict.fromkeys(people) if pk is not None]
