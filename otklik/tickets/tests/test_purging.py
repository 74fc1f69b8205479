"""What goes for good: out of the trash by its days, out of the desk by what a brand keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from otklik.core import files, search
from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.core.files.models import Blob
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.models import Operation
from otklik.core.settings import put
from otklik.desk.actions import change_brand
from otklik.desk.tests.factories import make_default_brand
from otklik.kit.months import months_before
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.tickets import actions, forgetting, purging
from otklik.tickets.contract import StoredFile, Words
from otklik.tickets.models import Attachment, Draft, Message, MessageBody, Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"a picture of the boiler"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def with_file(ticket: Ticket, content: bytes = PICTURE, raw: bytes = b"From: x") -> Message:
    """A letter with one file and its raw original."""
    picture = files.store_blob(content)
    words = Words(
        text="Look at this",
        html="<p>Look at this</p>",
        reply_text="Look at this",
        files=(StoredFile(blob=picture, name="boiler.png", content_type="image/png"),),
        raw=files.store_blob(raw + content),
    )
    return actions.receive_message(
        SYSTEM,
        ticket.threads.get(is_main=True),
        words=words,
        author=ticket.requester,
        identity=ticket.requester_identity,
    )


def closed(subject: str = "Broken", **details: object) -> Ticket:
    ticket = make_ticket(make_customer(), subject, **details)  # type: ignore[arg-type]
    with_file(ticket, PICTURE + subject.encode())
    return actions.close_ticket(SYSTEM, ticket)


def test_the_trash_is_emptied_after_its_days_with_texts_files_originals_and_search(
    clock: Clock,
) -> None:
    marina = actor_of(make_agent("Marina"))
    ticket, kept = make_ticket(make_customer(), "Zanzibar"), make_ticket(make_customer(), "Kept")
    letter = with_file(ticket)
    actions.save_draft(marina, ticket, kind="public", html="<p>half typed</p>")
    dispatch_pending()
    assert search.find("ticket", "Zanzibar", scopes=["staff"])
    actions.trash_ticket(marina, ticket)
    clock.forward(days=29)
    purging.purge_trash()
    assert Ticket.objects.filter(pk=ticket.pk).exists()
    clock.forward(days=1, minutes=1)
    purging.purge_trash()
    assert [row.pk for row in Ticket.objects.all()] == [kept.pk]
    assert not Message.objects.filter(pk=letter.pk).exists()
    assert not Attachment.objects.exists()
    assert not Draft.objects.exists()
    assert not Blob.objects.exists()  # picture and original, at once
    assert not search.find("ticket", "Zanzibar", scopes=["staff"])
    told = EventRow.objects.get(name="ticket.purged")
    assert (told.ticket_id, told.data["reason"]) == (ticket.pk, "trash")
    assert told.data["number"] == ticket.number
    dispatch_pending()
    assert not search.find("ticket", "Zanzibar", scopes=["staff"])


def test_a_file_that_another_ticket_holds_stays(clock: Clock) -> None:
    ticket, other = make_ticket(make_customer(), "One"), make_ticket(make_customer(), "Two")
    with_file(ticket, raw=b"one")
    with_file(other, raw=b"two")
    actions.trash_ticket(SYSTEM, ticket)
    clock.forward(days=31)
    purging.purge_trash()
    left = Attachment.objects.select_related("blob").get()
    assert (left.message.ticket_id, left.blob.refs) == (other.pk, 1)
    with files.open_blob(left.blob) as stream:
        assert stream.read() == PICTURE


def test_before_that_it_comes_back_and_afterwards_nothing_brings_it_back(clock: Clock) -> None:
    marina = actor_of(make_agent("Marina"))
    ticket = make_ticket(make_customer())
    actions.trash_ticket(marina, ticket)
    actions.restore_ticket(marina, ticket)
    clock.forward(days=90)
    purging.purge_trash()
    assert Ticket.objects.filter(pk=ticket.pk).exists()
    actions.trash_ticket(marina, ticket)
    operation = Operation.objects.latest("pk")
    # A purge that was stopped after its decision.
    Ticket.objects.filter(pk=ticket.pk).update(purging_since=clock.now)
    with pytest.raises(Conflict):
        actions.restore_ticket(marina, ticket)
    with pytest.raises(Conflict):
        undo_operation(marina, operation)
    purging.purge_trash()
    assert not Ticket.objects.filter(pk=ticket.pk).exists()


def test_the_days_are_a_setting_within_reason() -> None:
    dasha = actor_of(make_administrator())
    put(dasha, purging.TRASH_DAYS, 7)
    for nonsense in (0, -1, 4000, "7"):
        with pytest.raises(Invalid):
            put(dasha, purging.TRASH_DAYS, nonsense)


def test_a_long_ticket_goes_in_small_steps(clock: Clock) -> None:
    ticket = make_ticket(make_customer())
    for number in range(forgetting.STEP + 5):
        customer_writes(ticket, f"And now? {number}")
    actions.trash_ticket(SYSTEM, ticket)
    clock.forward(days=31)
    purging.purge_trash()
    assert not Message.objects.exists()


def test_a_held_ticket_is_neither_purged_nor_forgotten(clock: Clock) -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent("Marina"))
    brand = make_default_brand()
    trashed, old = make_ticket(make_customer()), closed()
    with pytest.raises(Forbidden):
        actions.place_ticket_hold(marina, trashed)
    for ticket in (trashed, old):
        actions.place_ticket_hold(dasha, ticket)
    actions.trash_ticket(dasha, trashed)
    change_brand(dasha, brand, texts_kept_months=1, tickets_kept_months=2)
    clock.forward(days=400)
    purging.purge_trash()
    purging.forget_by_retention()
    assert Ticket.objects.count() == 2
    assert Attachment.objects.count() == 1
    for ticket in (trashed, old):
        actions.lift_ticket_hold(dasha, ticket)
    purging.purge_trash()
    purging.forget_by_retention()
    assert not Ticket.objects.exists()
    names = list(
        EventRow.objects.filter(ticket_id=old.pk).order_by("id").values_list("name", flat=True)
    )
    assert names[-3:] == ["ticket.hold_placed", "ticket.hold_lifted", "ticket.purged"]


def test_a_brand_forgets_files_then_texts_then_tickets(clock: Clock) -> None:
    brand = make_default_brand()
    ticket, opened = closed("Zanzibar"), make_ticket(make_customer(), "Open")
    dispatch_pending()
    before = Ticket.objects.get(pk=ticket.pk)
    clock.forward(days=400)
    purging.forget_by_retention()
    assert Attachment.objects.count() == 1  # nothing by default
    change_brand(SYSTEM, brand, files_kept_months=3, texts_kept_months=6, tickets_kept_months=12)
    clock.now = NOW + timedelta(days=80)
    purging.forget_by_retention()
    assert Attachment.objects.count() == 1
    clock.now = NOW + timedelta(days=100)
    purging.forget_by_retention()
    assert not Attachment.objects.exists()
    assert not Blob.objects.exists()
    assert MessageBody.objects.filter(text="Look at this").exists()
    clock.now = NOW + timedelta(days=190)
    purging.forget_by_retention()
    found = Ticket.objects.get(pk=ticket.pk)
    assert (found.subject, found.snippet) == ("", "")
    assert not MessageBody.objects.filter(message__ticket=ticket).exclude(text="").exists()
    assert (found.message_count, found.closed_at, found.number) == (
        before.message_count,
        before.closed_at,
        before.number,
    )
    assert not search.find("ticket", "Zanzibar", scopes=["staff"])
    clock.now = NOW + timedelta(days=366)
    purging.forget_by_retention()
    assert [row.pk for row in Ticket.objects.all()] == [opened.pk]
    told = EventRow.objects.filter(ticket_id=ticket.pk).order_by("id")
    assert [row.name for row in told][-3:] == [
        "ticket.files_erased",
        "ticket.texts_erased",
        "ticket.purged",
    ]
    purging.forget_by_retention()  # again changes nothing
    assert EventRow.objects.filter(ticket_id=ticket.pk).count() == len(told)


def test_the_preview_counts_and_changes_nothing(clock: Clock) -> None:
    brand = make_default_brand()
    for number in range(3):
        closed(f"Old {number}")
    clock.forward(days=200)
    closed("New")
    found = purging.preview_retention(
        brand, files_kept_months=1, texts_kept_months=6, tickets_kept_months=None
    )
    assert (found.files, found.texts, found.tickets) == (3, 3, 0)
    assert Attachment.objects.count() == 4
    assert EventRow.objects.filter(name="ticket.files_erased").count() == 0


def test_months_are_those_of_the_calendar() -> None:
    assert months_before(datetime(2026, 8, 31, tzinfo=UTC), 6) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2024, 1, 15, tzinfo=UTC), 1) == datetime(2023, 12, 15, tzinfo=UTC)
    assert months_before(datetime(2024, 3, 31, tzinfo=UTC), 13) == datetime(2023, 2, 28, tzinfo=UTC)


def test_who_writes_into_a_forgotten_ticket_is_heard() -> None:
    ticket = make_ticket(make_customer(), "Zanzibar")
    forgetting.forget_texts_of(ticket.pk)
    customer_writes(Ticket.objects.get(pk=ticket.pk), "Hello again")
    found = Ticket.objects.get(pk=ticket.pk)
    assert (found.message_count, found.snippet) == (2, "Hello again")
