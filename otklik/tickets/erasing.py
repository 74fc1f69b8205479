"""What a person who is erased leaves in tickets.

Of tickets they asked for, the skeleton stays: number, times, status, counts. Of other people's
tickets go their own messages, their place in the talk, and their addresses and whole name where
others wrote them; the raw originals of such a ticket go, since their addresses stand in the
headers of each.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from otklik.core import search
from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.fields.values import redact_values
from otklik.core.files.removing import release_many, remove_unheld
from otklik.core.operations.models import Change, Operation
from otklik.kit.text import sort_key
from otklik.people.erasing import Told, redact_rows, register_eraser
from otklik.people.models import Person
from otklik.people.slots import register_keeper
from otklik.people.traces import Traces
from otklik.tickets import forgetting
from otklik.tickets.columns import rebuild_columns
from otklik.tickets.events import TicketTextsErased
from otklik.tickets.folding import LENGTH
from otklik.tickets.forgetting import empty_body, texts_of
from otklik.tickets.homes import messages_of
from otklik.tickets.models import (
    Attachment,
    BulkAct,
    BulkItem,
    Checklist,
    ChecklistItem,
    ChecklistTemplate,
    Draft,
    DraftHandover,
    Follower,
    Message,
    MessageBody,
    NoteGuest,
    Participant,
    ReadMark,
    Reminder,
    SendingHabit,
    Status,
    Tag,
    Thread,
    Ticket,
    Upload,
    WaitingReply,
)
from otklik.tickets.search import index_anew

STEP = 20
_MENTIONS = 1000
_WORDS = ("subject", "html", "recipients", "comment", "held_words")


def wire() -> None:
    register_eraser("tickets", erase, tell=tell)
    register_keeper("tickets", is_kept)


def tell(person: Person) -> Iterable[Told]:
    tickets = Ticket.objects.filter(requester=person)
    messages = Message.objects.filter(author=person, author_kind="customer")
    yield Told(_("Tickets, of which number, times and status stay"), tickets.count())
    yield Told(
        _("Messages in them, all sides"), Message.objects.filter(ticket__requester=person).count()
    )
    yield Told(
        _("Files of those messages"),
        Attachment.objects.filter(message__ticket__requester=person).count(),
    )
    yield Told(
        _("Messages of theirs in other people's tickets"),
        messages.exclude(ticket__requester=person).count(),
    )


def is_kept(person: Person) -> bool:
    return Ticket.objects.filter(requester=person, legal_hold_since__isnull=False).exists()


def erase(traces: Traces) -> None:
    mentioned = _tickets_that_mention(traces)
    _erase_own_tickets(traces)
    mentioned |= _erase_own_messages(traces)
    mentioned |= _leave_threads(traces)
    own = Ticket.objects.filter(pk__in=mentioned, requester_id=traces.person_id)
    shared = Thread.objects.filter(ticket__in=own, came_from__isnull=False)
    own = own.exclude(pk__in=shared.values("ticket"))  # others' talk came into these
    for ticket_id in sorted(mentioned - set(own.values_list("pk", flat=True))):
        redact_ticket(traces, ticket_id)
    _redact_words_of_staff(traces)
    _forget_personal_rows(traces)


def _redact_words_of_staff(traces: Traces) -> None:
    """What is written once and used on many tickets: templates, tags, acts on many."""
    words = ("name", "labels", "hint", "hints")
    redact_rows(traces, ChecklistTemplate.objects.all(), *words, "items")
    redact_rows(traces, Tag.every.all(), "name", "hint", "hints", "key")
    redact_rows(traces, Status.objects.all(), "labels", "hint", "hints")
    acts = BulkAct.objects.filter(created_at__lte=traces.before)
    redact_rows(traces, acts, "title", "steps")
    redact_rows(traces, BulkItem.objects.filter(act__in=acts).exclude(why=""), "why")
    titled = Operation.objects.filter(created_at__lte=traces.before, summary__has_key="title")
    redact_rows(traces, titled, "summary")


def redact_ticket(traces: Traces, ticket_id: int) -> None:
    """Take their addresses and name out of what others wrote, and the raw originals away."""
    rows = Message.objects.filter(ticket_id=ticket_id, created_at__lte=traces.before).order_by("id")
    last = 0
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:STEP]):
        _redact_messages(traces, ids)
        last = ids[-1]
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None:
        return
    with write():
        subject = traces.redact(ticket.subject)
        Ticket.objects.filter(pk=ticket_id).update(
            subject=subject, subject_key=sort_key(subject, LENGTH), version=F("version") + 1
        )
        # The first words in lists follow from what was said last.
        rebuild_columns([ticket_id])
        redact_values(ticket, traces.redact_json, traces.touches)
        for thread in Thread.objects.filter(ticket_id=ticket_id):
            Thread.objects.filter(pk=thread.pk).update(subject=traces.redact(thread.subject))
        redact_rows(traces, Checklist.objects.filter(ticket_id=ticket_id), "name", "labels")
        items = ChecklistItem.objects.filter(checklist__ticket_id=ticket_id)
        redact_rows(traces, items, "text", "labels", "hint", "hints")
        redact_rows(traces, Reminder.objects.filter(ticket_id=ticket_id), "note")
        for draft in Draft.objects.filter(ticket_id=ticket_id):
            Draft.objects.filter(pk=draft.pk).update(
                html=traces.redact(draft.html), recipients=traces.redact_json(draft.recipients)
            )
        for unsent in (
            *WaitingReply.objects.filter(ticket_id=ticket_id),
            *DraftHandover.objects.filter(ticket_id=ticket_id),
        ):
            for column in texts_of(type(unsent)):
                if column.name in _WORDS:
                    words = traces.redact_json(getattr(unsent, column.name))
                    setattr(unsent, column.name, words)
            unsent.save()
        for change in Change.objects.filter(
            model="tickets.Ticket", object_id=ticket_id, field="subject"
        ):
            Change.objects.filter(pk=change.pk).update(
                old=traces.redact_json(change.old), new=traces.redact_json(change.new)
            )
    index_anew([ticket_id])


def _tickets_that_mention(traces: Traces) -> set[int]:
    """The newest thousand for each address: found by the search, before its words change."""
    found = set()
    for address in traces.addresses:
        hits = search.find(
            "ticket", f'"{address}"', scopes=["staff"], limit=_MENTIONS, candidates=_MENTIONS
        )
        found |= {hit.object_id for hit in hits}
    old = Ticket.objects.filter(pk__in=found, created_at__lte=traces.before)
    return set(old.values_list("pk", flat=True))


def _erase_own_tickets(traces: Traces) -> None:
    rows = Ticket.objects.filter(requester_id=traces.person_id).order_by("id")
    last = 0
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:STEP]):
        for ticket_id in ids:
            if not _is_empty(ticket_id):
                forgetting.forget_texts_of(ticket_id, at_home=True)
                with write():
                    record(SYSTEM, TicketTextsErased(ticket_id=ticket_id, reason="erasure"))
        with write():
            Ticket.objects.filter(pk__in=ids).update(requester_identity=None, organisation=None)
        index_anew(ids)
        last = ids[-1]


def _is_empty(ticket_id: int) -> bool:
    """Whether an earlier run has been here and nothing was said since."""
    if not Ticket.objects.filter(pk=ticket_id, texts_erased_at__isnull=False, subject="").exists():
        return False
    own = messages_of(ticket_id)
    said = MessageBody.objects.filter(message__in=own)
    empty = {name: value for name, value in empty_body().items() if value is not None}
    absent = {f"{name}__isnull": True for name, value in empty_body().items() if value is None}
    is_said = said.exclude(**empty, **absent, raw=None).exists()
    return not is_said and not Attachment.objects.filter(message__in=own).exists()


def _erase_own_messages(traces: Traces) -> set[int]:
    """What they wrote in other people's tickets. An agent's letters are the company's."""
    at_home = Q(thread__came_from__isnull=True, ticket__requester_id=traces.person_id)
    at_home |= Q(thread__came_from__requester_id=traces.person_id)
    rows = Message.objects.filter(author_id=traces.person_id, author_kind="customer")
    rows = rows.exclude(at_home)
    touched, last = set(), 0
    pairs = rows.order_by("id").values_list("id", "ticket_id")
    while found := list(pairs.filter(id__gt=last)[:STEP]):
        forgetting.forget_messages([pk for pk, _ticket in found])
        touched |= {ticket_id for _pk, ticket_id in found}
        last = found[-1][0]
    return touched


def _leave_threads(traces: Traces) -> set[int]:
    rows = Participant.objects.filter(identity_id__in=traces.identity_ids)
    touched = set(rows.values_list("thread__ticket_id", flat=True))
    while ids := list(rows.values_list("pk", flat=True)[:STEP]):
        with write():
            Participant.objects.filter(pk__in=ids).delete()
    with write():
        NoteGuest.objects.filter(identity_id__in=traces.identity_ids).delete()
    authored = Message.objects.filter(author_identity_id__in=traces.identity_ids)
    while ids := list(authored.values_list("pk", flat=True)[:STEP]):
        with write():
            Message.objects.filter(pk__in=ids).update(author_identity=None)
    return touched


def _redact_messages(traces: Traces, ids: list[int]) -> None:
    bodies = list(MessageBody.objects.filter(message_id__in=ids))
    changed = [_redacted(traces, body) for body in bodies]
    with write():
        held = list(
            MessageBody.objects.filter(message_id__in=ids, raw__isnull=False).values_list(
                "raw_id", flat=True
            )
        )
        for body in changed:
            body.save(update_fields=[*(field.name for field in texts_of(MessageBody)), "raw"])
        blobs = release_many(held)
        for row in Attachment.objects.filter(message_id__in=ids):
            if traces.touches(row.name):
                Attachment.objects.filter(pk=row.pk).update(name=traces.redact(row.name))
        for message in Message.objects.filter(pk__in=ids).exclude(delivery_error=""):
            Message.objects.filter(pk=message.pk).update(
                delivery_error=traces.redact(message.delivery_error)
            )
    remove_unheld(blobs)


def _redacted(traces: Traces, body: MessageBody) -> MessageBody:
    """Without them among the addresses, and their traces marked in every other word of it."""
    body.addresses = {
        field: [each for each in listed if not _is_theirs(traces, each)]
        if isinstance(listed, list)
        else ({} if _is_theirs(traces, listed) else listed)
        for field, listed in body.addresses.items()
    }
    for field in texts_of(MessageBody):
        setattr(body, field.name, traces.redact_json(getattr(body, field.name)))
    body.raw = None
    return body


def _is_theirs(traces: Traces, spelled: object) -> bool:
    return isinstance(spelled, dict) and traces.is_address(str(spelled.get("address", "")))


def _forget_personal_rows(traces: Traces) -> None:
    """What hangs on the person as one who reads and writes here."""
    forgetting.forget_uploads(Upload.objects.filter(owner_id=traces.person_id))
    with write():
        Draft.objects.filter(author_id=traces.person_id).delete()
        WaitingReply.objects.filter(author_id=traces.person_id).delete()
        given = Q(giver_id=traces.person_id) | Q(receiver_id=traces.person_id)
        DraftHandover.objects.filter(given).delete()
        SendingHabit.objects.filter(person_id=traces.person_id).delete()
        Follower.objects.filter(person_id=traces.person_id).delete()
        Reminder.objects.filter(person_id=traces.person_id).delete()
        ReadMark.objects.filter(person_id=traces.person_id).delete()
