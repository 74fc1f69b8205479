"""What this room takes out: its own rows, and those of the core that name somebody."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from otklik.core.db import write
from otklik.core.files.removing import release_many, remove_unheld
from otklik.core.jobs.models import Job
from otklik.core.outbox.models import Delivery, DeliveryRecipient, Status
from otklik.core.rest.models import RememberedAnswer
from otklik.people.erasing import Told, redact_rows, register_eraser
from otklik.people.models import (
    Consent,
    CustomerNote,
    ExportState,
    Identity,
    Person,
    PersonExport,
    Segment,
    User,
)
from otklik.people.search import refresh_persons
from otklik.people.traces import Traces

STEP = 20


def wire() -> None:
    register_eraser("people.letters", erase_letters, order=200)
    register_eraser("people.jobs", erase_jobs, order=210)
    register_eraser("people.answers", erase_answers, order=220)
    register_eraser("people.exports", erase_exports, order=230)
    register_eraser("people.segments", erase_segments, order=235)
    register_eraser("people.notes", erase_notes, tell=tell_notes, order=240)
    # Last: the rooms before it find by these what is the person's.
    register_eraser("people.identities", erase_identities, tell=tell_identities, order=900)


def tell_identities(person: Person) -> Iterable[Told]:
    yield Told(_("Addresses"), person.identities.count())
    yield Told(_("Accounts to sign in with"), User.objects.filter(person=person).count())
    yield Told(_("Exports of their data"), _held_exports(person.pk).count())


def erase_letters(traces: Traces) -> None:
    """Deliveries that went, or were to go, to their addresses: letters and replies alike."""
    addressed = Q(address__in=traces.addresses)
    for address in traces.addresses:
        addressed |= Q(address__iexact=address)
    theirs = DeliveryRecipient.objects.filter(addressed, delivery__created_at__lte=traces.before)
    while ids := list(theirs.order_by("pk").values_list("pk", flat=True)[:STEP]):
        with write():
            for row in DeliveryRecipient.objects.filter(pk__in=ids).select_related("delivery"):
                _erase_recipient(traces, row)


def erase_jobs(traces: Traces) -> None:
    """Work that waits for them, such as a link they asked for, goes; what failed forgets it."""
    for job in (
        Job.objects.filter(created_at__lte=traces.before).order_by("pk").iterator(chunk_size=200)
    ):
        if traces.touches(str(job.arguments)):
            with write():
                Job.objects.filter(pk=job.pk, leased_until=None).delete()
        elif traces.touches(job.last_error):
            with write():
                Job.objects.filter(pk=job.pk).update(last_error=traces.redact(job.last_error))


def erase_answers(traces: Traces) -> None:
    """Answers by REST that are remembered for a day and speak of them."""
    rows = RememberedAnswer.objects.filter(created_at__lte=traces.before).order_by("pk")
    for row in rows.iterator(chunk_size=50):
        if _speaks_of(traces, bytes(row.body)):
            with write():
                RememberedAnswer.objects.filter(pk=row.pk).delete()


def erase_exports(traces: Traces) -> None:
    for export in _held_exports(traces.person_id):
        with write():
            PersonExport.objects.filter(pk=export.pk).update(blob=None, state=ExportState.GONE)
            blobs = release_many([export.blob_id])
        remove_unheld(blobs)


def erase_segments(traces: Traces) -> None:
    """Who is looked for by their name or address is so no longer."""
    segments = Segment.objects.filter(created_at__lte=traces.before)
    redact_rows(traces, segments, "name", "sort_name", "match")


def erase_notes(traces: Traces) -> None:
    """What was written about them and what they agreed to; their words in notes about others."""
    with write():
        CustomerNote.objects.filter(person_id=traces.person_id).delete()
        Consent.objects.filter(person_id=traces.person_id).delete()
    redact_rows(traces, CustomerNote.objects.filter(created_at__lte=traces.before), "text")
    redact_rows(traces, Consent.objects.filter(recorded_at__lte=traces.before), "evidence")


def tell_notes(person: Person) -> Iterable[Told]:
    yield Told(_("Notes about them"), CustomerNote.objects.filter(person=person).count())
    yield Told(_("What they agreed to"), Consent.objects.filter(person=person).count())


def erase_identities(traces: Traces) -> None:
    with write():
        Identity.objects.filter(person_id=traces.person_id).delete()
    refresh_persons([traces.person_id])


def _erase_recipient(traces: Traces, row: DeliveryRecipient) -> None:
    delivery = row.delivery
    row.address, row.detail = f"erased-{row.pk}", ""
    row.save(update_fields=["address", "detail"])
    others = delivery.recipients.exclude(address__startswith="erased-").exists()
    delivery.payload = traces.redact_json(delivery.payload)
    delivery.error_text = traces.redact(delivery.error_text)
    if not others:
        delivery.sealed, delivery.is_wiped, delivery.dead_at = "", True, None
        if delivery.status == Status.QUEUED:
            delivery.status, delivery.next_attempt_at = Status.CANCELLED, None
    Delivery.objects.filter(pk=delivery.pk).update(
        payload=delivery.payload,
        error_text=delivery.error_text,
        sealed=delivery.sealed,
        is_wiped=delivery.is_wiped,
        dead_at=delivery.dead_at,
        status=delivery.status,
        next_attempt_at=delivery.next_attempt_at,
    )


def _speaks_of(traces: Traces, body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    # JSON may spell letters as \\u0410.
    spelled = text.encode("latin-1", "backslashreplace").decode("unicode_escape", "replace")
    return traces.touches(text) or traces.touches(spelled) or f'"person":{traces.person_id}' in text


def _held_exports(person_id: int) -> QuerySet[PersonExport]:
    return PersonExport.objects.filter(person_id=person_id, blob__isnull=False)
