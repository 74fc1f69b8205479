"""What was said and sent goes for good: texts, files and raw originals of messages, whole tickets.

Small transactions throughout: a ticket of two thousand messages is forgotten a few at a time, and
whoever is stopped in between goes on where it was. Contents nobody else holds are removed at the
end of each step, not with the daily purge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from otklik.core import search
from otklik.core.db import write
from otklik.core.fields.values import forget_values
from otklik.core.files.removing import release_many, remove_unheld
from otklik.core.operations.models import Change
from otklik.core.outbox.models import Delivery, Status
from otklik.tickets.actions.carrying import carried_from, forget_gained
from otklik.tickets.homes import messages_of, threads_of
from otklik.tickets.models import (
    Attachment,
    Checklist,
    ChecklistItem,
    Draft,
    DraftHandover,
    Message,
    MessageBody,
    Reminder,
    Thread,
    Ticket,
    Upload,
    WaitingReply,
)
from otklik.tickets.search import index_anew

STEP = 20  # messages in one transaction


def texts_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns of a model that may hold words of somebody: a new one is among them at once."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
    ]


def empty_body() -> dict[str, Any]:
    """Every column of a body that holds words, as it is in an empty one."""
    return {field.name: field.get_default() for field in texts_of(MessageBody)}


def forget_files_of(ticket_id: int) -> None:
    """Attachments and raw originals, which have the attachments in them."""
    rows = Message.objects.filter(ticket_id=ticket_id).filter(
        Q(body__raw__isnull=False) | Q(attachments__isnull=False)
    )
    while ids := list(rows.order_by("id").values_list("id", flat=True).distinct()[:STEP]):
        with write():
            blobs = _drop_attachments(ids) + _drop_raw(ids)
        remove_unheld(blobs)


def forget_texts_of(ticket_id: int, *, at_home: bool = False) -> None:
    """Everything that was said, with files; the subject and the first words in lists, too. What
    stays is that a ticket was there: its number, times, status and how many messages it had.

    ``at_home``: its own talk, wherever a merge took it, and no other's that came to it. Otherwise
    what was merged into it goes with it.
    """
    merged = [] if at_home else list(_merged_into(ticket_id))
    last = 0
    rows = messages_of(ticket_id) if at_home else Message.objects.filter(ticket_id=ticket_id)
    rows = rows.order_by("id")
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:STEP]):
        forget_messages(ids)
        last = ids[-1]
    _forget_drafts(Draft.objects.filter(ticket_id=ticket_id).values_list("pk", flat=True))
    now = timezone.now()
    with write():
        threads = threads_of(ticket_id) if at_home else Thread.objects.filter(ticket_id=ticket_id)
        threads.update(subject="")
        gone = [ticket_id, *merged]
        WaitingReply.objects.filter(thread__in=threads).delete()
        DraftHandover.objects.filter(_hangs_on(gone, DraftHandover)).delete()
        Reminder.objects.filter(_hangs_on(gone, Reminder)).update(note="")
        lists = Checklist.objects.filter(_hangs_on(gone, Checklist))
        ChecklistItem.objects.filter(checklist__in=lists).update(
            text="", labels={}, hint="", hints={}
        )
        lists.update(name="", labels={})
        for ticket in Ticket.objects.filter(pk__in=gone, merged_into__isnull=False):
            forget_gained(ticket)
        Change.objects.filter(model="tickets.Ticket", object_id__in=gone, field="subject").delete()
        for pk in gone:
            forget_values("ticket", pk)
        Ticket.objects.filter(pk__in=gone).update(
            custom=None,
            subject="",
            subject_key="",
            snippet="",
            client_key=None,
            texts_erased_at=now,
            files_erased_at=now,
            version=F("version") + 1,
        )
    index_anew([ticket_id, *_where_it_is(ticket_id)])


def _hangs_on(ticket_ids: Sequence[int], model: type[models.Model]) -> Q:
    """On these tickets, wherever a merge took it."""
    return Q(ticket_id__in=ticket_ids) | Q(pk__in=carried_from(ticket_ids, model._meta.label))


def forget_messages(ids: Sequence[int]) -> None:
    """The texts, files and originals of these messages, in one transaction."""
    with write():
        blobs = _drop_attachments(ids) + _drop_raw(ids)
        MessageBody.objects.filter(message_id__in=ids).update(**empty_body())
        Message.objects.filter(pk__in=ids).update(
            external_id="", delivery_error="", client_key=None
        )
        for delivery in Delivery.objects.filter(kind="message", subject_id__in=ids):
            drop_words_of(delivery)
    remove_unheld(blobs)


def drop_words_of(delivery: Delivery) -> None:
    """What a delivery says of whom it went to; one that waits is not sent any more. Inside
    ``write()``."""
    for recipient in delivery.recipients.all():
        recipient.address, recipient.detail = f"erased-{recipient.pk}", ""
        recipient.save(update_fields=["address", "detail"])
    delivery.payload, delivery.sealed, delivery.is_wiped = {}, "", True
    delivery.external_id = delivery.error_text = ""
    if delivery.status == Status.QUEUED:
        delivery.status, delivery.next_attempt_at = Status.CANCELLED, None
    delivery.dead_at = None
    delivery.save(
        update_fields=[
            "payload",
            "sealed",
            "is_wiped",
            "external_id",
            "error_text",
            "status",
            "next_attempt_at",
            "dead_at",
        ]
    )


def forget_ticket(ticket_id: int) -> None:
    """Remove a ticket whose ``purging_since`` is set, with all that hangs on it. What happened to
    it stays written down in ids; its number is not given out again."""
    rows = Message.objects.filter(ticket_id=ticket_id).order_by("id")
    while ids := list(rows.values_list("id", flat=True)[:STEP]):
        forget_messages(ids)
        with write():
            Delivery.objects.filter(kind="message", subject_id__in=ids).exclude(
                status=Status.SENDING
            ).delete()
            Message.objects.filter(pk__in=ids).delete()
    _forget_drafts(Draft.objects.filter(ticket_id=ticket_id).values_list("pk", flat=True))
    with write():
        merged = list(_merged_into(ticket_id))
        Change.objects.filter(model="tickets.Ticket", object_id__in=[ticket_id, *merged]).delete()
        for pk in (ticket_id, *merged):
            forget_values("ticket", pk)
        Ticket.objects.filter(pk=ticket_id).delete()
        Ticket.objects.filter(pk__in=merged).delete()  # its threads were the other one's
        search.remove("ticket", ticket_id)


def _merged_into(ticket_id: int) -> Iterable[int]:
    return Ticket.objects.filter(merged_into=ticket_id).values_list("pk", flat=True)


def _where_it_is(ticket_id: int) -> Iterable[int]:
    rows = Ticket.objects.filter(pk=ticket_id, merged_into__isnull=False)
    return [pk for pk in rows.values_list("merged_into", flat=True) if pk is not None]


def forget_uploads(rows: Iterable[Upload]) -> None:
    blobs = []
    for row in rows:
        with write():
            if Upload.objects.filter(pk=row.pk).delete()[0]:
                blobs += release_many([row.blob_id])
    remove_unheld(blobs)


def _forget_drafts(ids: Iterable[int]) -> None:
    for draft in Draft.objects.filter(pk__in=list(ids)):
        tokens = [token for token in draft.uploads if isinstance(token, str)]
        forget_uploads(Upload.objects.filter(token__in=tokens, owner_id=draft.author_id))
        with write():
            draft.delete()


def _drop_attachments(message_ids: Sequence[int]) -> list[int]:
    rows = Attachment.objects.filter(message_id__in=message_ids)
    held = list(rows.values_list("blob_id", flat=True))
    rows.delete()
    return release_many(held)


def _drop_raw(message_ids: Sequence[int]) -> list[int]:
    rows = MessageBody.objects.filter(message_id__in=message_ids, raw__isnull=False)
    held = list(rows.values_list("raw_id", flat=True))
    rows.update(raw=None)
    return release_many(held)
