"""What hangs on a ticket stays in sight when it is merged, and is back when that is undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import timezone

from otklik.core.access import SYSTEM, Invalid
from otklik.core.events.models import EventRow
from otklik.core.fields.actions import change_fields
from otklik.core.fields.queries import values_of
from otklik.core.fields.tests.factories import make_field
from otklik.core.operations.actions import undo_operation
from otklik.core.settings import put
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.tickets import actions
from otklik.tickets.actions.checklists import add_checklist, tick_item
from otklik.tickets.actions.guests import DOMAINS, invite_guest, list_guests, write_note
from otklik.tickets.actions.handover import hand_over_draft
from otklik.tickets.actions.pinning import pin_message
from otklik.tickets.actions.releasing import release
from otklik.tickets.actions.snoozing import snooze_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.checklists import list_checklists
from otklik.tickets.homes import main_thread
from otklik.tickets.models import (
    Checklist,
    DraftHandover,
    Message,
    NoteGuest,
    Reminder,
    Ticket,
    WaitingReply,
)
from otklik.tickets.tasks import wake_snoozed
from otklik.tickets.tests.factories import customer_writes, identity_of, make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def cast() -> SimpleNamespace:
    marina, olga = make_agent("Marina"), make_customer("Olga Nesterova")
    stays, goes = make_ticket(olga, text="It is cold."), make_ticket(olga, text="Still cold.")
    return SimpleNamespace(marina=marina, me=actor_of(marina), olga=olga, stays=stays, goes=goes)


def anew(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("status").get(pk=ticket.pk)


def in_days(days: int) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(microsecond=0)


def writes(cast: SimpleNamespace, ticket: Ticket, text: str) -> None:
    actions.receive_message(
        SYSTEM,
        main_thread(ticket),
        words=written_by_hand(text=text),
        author=cast.olga,
        identity=identity_of(cast.olga),
    )


def waits_in(cast: SimpleNamespace, ticket: Ticket, person: object) -> WaitingReply:
    return WaitingReply.objects.create(
        ticket=ticket,
        thread=ticket.threads.get(is_main=True),
        author=cast.marina.person,
        why="later",
        html="<p>We come on Monday.</p>",
        recipients={"to": [identity_of(person).value]},  # type: ignore[arg-type]
        seen_message_id=ticket.messages.latest("id").pk,
        client_key=uuid4(),
        due_at=timezone.now(),
    )


def test_what_an_agent_works_with_goes_along_and_comes_back_as_it_is_by_then(
    cast: SimpleNamespace,
) -> None:
    me, ilya = cast.me, make_agent("Ilya")
    checklist = add_checklist(me, cast.goes, name="Visit", items=["Call", "Go"])
    reminder = actions.set_reminder(me, cast.goes, in_days(1), note="Call her")
    pin_message(me, cast.goes.messages.earliest("id"))
    actions.save_draft(me, cast.goes, kind="public", html="<p>Half</p>")
    hand_over_draft(me, cast.goes, ilya, kind="public")
    waiting = waits_in(cast, cast.goes, cast.olga)
    operation = actions.merge_tickets(me, cast.stays, [cast.goes])

    (shown,) = list_checklists(cast.stays.pk)
    assert shown.checklist.pk == checklist.pk
    assert not list_checklists(cast.goes.pk)
    assert Reminder.objects.get(pk=reminder.pk).ticket == cast.stays
    assert DraftHandover.objects.get().ticket == cast.stays
    assert WaitingReply.objects.get(pk=waiting.pk).ticket == cast.stays
    assert Message.objects.filter(ticket=cast.stays, pinned_at__isnull=False).count() == 1
    # Worked with there: what was done meanwhile is done also after they part.
    tick_item(me, shown.items[0])
    mine = add_checklist(me, cast.stays, name="Bill", items=["Send"])
    writes(cast, cast.goes, "And it leaks.")

    undo_operation(me, operation)
    (back,) = list_checklists(cast.goes.pk)
    assert (back.checklist.pk, back.done) == (checklist.pk, 1)
    assert [each.checklist for each in list_checklists(cast.stays.pk)] == [mine]
    assert Reminder.objects.get(pk=reminder.pk).ticket == cast.goes
    assert DraftHandover.objects.get().ticket == cast.goes
    assert WaitingReply.objects.get(pk=waiting.pk).ticket == cast.goes
    assert not Message.objects.filter(ticket=cast.stays, pinned_at__isnull=False).exists()


def test_of_a_chain_each_goes_back_where_it_was(cast: SimpleNamespace) -> None:
    third = make_ticket(cast.olga)
    checklist = add_checklist(cast.me, cast.goes, name="Visit", items=["Call"])
    inner = actions.merge_tickets(cast.me, cast.stays, [cast.goes])
    outer = actions.merge_tickets(cast.me, third, [cast.stays])
    assert Checklist.objects.get(pk=checklist.pk).ticket == third
    undo_operation(cast.me, outer)
    assert Checklist.objects.get(pk=checklist.pk).ticket == cast.stays
    undo_operation(cast.me, inner)
    assert Checklist.objects.get(pk=checklist.pk).ticket == cast.goes


def test_empty_fields_take_the_other_value_and_two_values_stand_beside_each_other(
    cast: SimpleNamespace,
) -> None:
    for key in ("serial", "model", "colour"):
        make_field(key)
    change_fields(cast.me, cast.goes, {"serial": "77-12", "model": "B", "colour": "red"})
    change_fields(cast.me, cast.stays, {"model": "A"})
    operation = actions.merge_tickets(cast.me, cast.stays, [cast.goes])
    assert values_of(anew(cast.stays)) == {"serial": "77-12", "model": "A", "colour": "red"}
    told = program_of(cast.marina).get(f"/tickets/{cast.stays.number}/fields").json()
    merged = {row["key"]: row["merged"] for row in told}
    assert merged["model"] == [{"number": cast.goes.number, "value": "B", "words": "B"}]
    assert merged["serial"] == []
    change_fields(cast.me, cast.stays, {"colour": "green"})
    undo_operation(cast.me, operation)
    assert values_of(anew(cast.stays)) == {"model": "A", "colour": "green"}
    assert values_of(anew(cast.goes)) == {"serial": "77-12", "model": "B", "colour": "red"}


def test_what_wants_work_is_not_hidden_by_a_ticket_that_was_put_off(cast: SimpleNamespace) -> None:
    soon, late = (in_days(days) for days in (1, 5))
    snooze_ticket(cast.me, cast.stays, late)
    operation = actions.merge_tickets(cast.me, cast.stays, [cast.goes])
    assert anew(cast.stays).is_unfinished
    undo_operation(cast.me, operation)
    assert anew(cast.stays).snoozed_until == late

    # Of two times the sooner counts, and who wrote since finds both awake.
    snooze_ticket(cast.me, cast.goes, soon)
    operation = actions.merge_tickets(cast.me, cast.stays, [cast.goes])
    assert anew(cast.stays).snoozed_until == soon
    Ticket.objects.filter(pk=cast.goes.pk).update(snoozed_until=timezone.now())
    wake_snoozed()  # nothing wakes a ticket that is worked elsewhere
    assert anew(cast.goes).snoozed_until is not None
    writes(cast, cast.goes, "Hello?")
    assert anew(cast.stays).snoozed_until is None
    undo_operation(cast.me, operation)
    assert anew(cast.stays).snoozed_until is None
    assert anew(cast.goes).is_unfinished


def test_a_reply_that_waits_leaves_whatever_other_customers_say_in_the_ticket_it_came_to(
    cast: SimpleNamespace,
) -> None:
    alexey = make_customer("Alexey Gromov")
    his = make_ticket(alexey, text="Ours too.")
    waiting, hers = waits_in(cast, his, alexey), waits_in(cast, cast.goes, cast.olga)
    customer_writes(cast.stays, "Anybody?")  # newer than what its author saw
    actions.merge_tickets(cast.me, cast.stays, [his, cast.goes], across_customers=True)
    sent = release(waiting.pk)
    assert sent is not None
    assert (sent.ticket, sent.thread.came_from) == (cast.stays, his)
    # Olga's other words cross a reply to her: its author decides.
    assert release(hers.pk) is None
    assert WaitingReply.objects.get(pk=hers.pk).held_for == "crossing"


def test_guests_read_on_unless_they_are_the_customer_of_the_other_one(
    cast: SimpleNamespace,
) -> None:
    put(actor_of(make_administrator()), DOMAINS, ["company.example"])
    anna = make_customer("Anna Petrova", "anna@company.example")
    asked_by_anna = make_ticket(anna, text="My laptop")
    invite_guest(cast.me, cast.goes, "anna@company.example")
    first = actions.merge_tickets(cast.me, cast.stays, [cast.goes])
    assert [row.identity.person for row in list_guests(cast.stays.pk)] == [anna]
    second = actions.merge_tickets(cast.me, cast.stays, [asked_by_anna], across_customers=True)
    with pytest.raises(Invalid):  # she asks here now: notes are not for her
        write_note(cast.me, cast.stays, words=written_by_hand(text="Secret"), to_guests=True)
    undo_operation(cast.me, second)
    note = written_by_hand(text="For Anna")
    write_note(cast.me, cast.stays, words=note, to_guests=True)
    assert EventRow.objects.filter(name="note.shared", ticket_id=cast.stays.pk).count() == 1
    undo_operation(cast.me, first)
    assert NoteGuest.objects.get().thread.ticket == cast.goes
