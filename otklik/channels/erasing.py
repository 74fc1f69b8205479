"""What a person who is erased leaves in the ways in: letters in quarantine, read and unread."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.channels.models import Quarantined
from otklik.channels.models.screening import BlockedSender, SpamLesson, SpamVerdict
from otklik.core import files
from otklik.core.db import write
from otklik.core.db.briefly import forget_after_commit
from otklik.core.events import ANY_ORIGIN, on
from otklik.core.events.models import EventRow
from otklik.core.files.removing import release_many, remove_unheld
from otklik.people.erasing import Told, register_eraser
from otklik.people.models import Identity, Person
from otklik.people.traces import Traces
from otklik.tickets.events import TicketTextsErased

_READ = 1 << 20  # of each raw letter; addresses stand at the beginning


def wire() -> None:
    register_eraser("channels", erase, tell=tell)
    on(TicketTextsErased, name="channels.verdicts", in_transaction=True, origins=ANY_ORIGIN)(
        forget_verdict
    )


def forget_verdict(row: EventRow) -> None:
    """Words by which the screeners judged are words of the message."""
    ticket_id = row.ticket_id or 0
    SpamVerdict.objects.filter(ticket_id=ticket_id).update(reasons=[])
    SpamLesson.objects.filter(ticket_id=ticket_id).delete()


def tell(person: Person) -> Iterable[Told]:
    addresses = list(Identity.objects.filter(person=person).values_list("value", flat=True))
    rows = Quarantined.objects.filter(_enveloped(addresses)) if addresses else None
    yield Told(_("Letters of theirs in quarantine"), rows.count() if rows is not None else 0)


def erase(traces: Traces) -> None:
    for blocked in BlockedSender.objects.filter(created_at__lte=traces.before):
        if traces.touches(f"{blocked.pattern}\n{blocked.note}"):
            with write():
                BlockedSender.objects.filter(pk=blocked.pk).delete()
                forget_after_commit()
    rows = Quarantined.objects.filter(received_at__lte=traces.before).select_related("raw")
    for row in rows.order_by("pk").iterator(chunk_size=50):
        envelope = f"{row.envelope_from}\n{row.envelope_to}\n{row.reason}"
        if not traces.touches(envelope) and not _is_in(traces, row):
            continue
        with write():
            # Dropped ones have let go of their content already.
            is_held = row.resolution != "dropped"
            if not Quarantined.objects.filter(pk=row.pk).delete()[0]:
                continue
            blobs = release_many([row.raw_id]) if is_held else [row.raw_id]
        remove_unheld(blobs)


def _is_in(traces: Traces, row: Quarantined) -> bool:
    try:
        with files.open_blob(row.raw) as stream:
            return traces.touches_bytes(stream.read(_READ))
    except files.StorageError:
        return False


def _enveloped(addresses: Iterable[str]) -> Q:
    found = Q()
    for address in addresses:
        found |= Q(envelope_from__iexact=address) | Q(envelope_to__iexact=address)
    return found
