from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from otklik.core.access import SYSTEM, Actor, ActorKind, Conflict, Forbidden
from otklik.core.events.models import EventRow
from otklik.core.outbox import (
    LeaseLost,
    PermanentFailure,
    TemporaryFailure,
    UncertainOutcome,
    enqueue,
)
from otklik.core.outbox.actions import (
    confirm_uncertain,
    drop_delivery,
    note_results,
    retry_delivery,
)
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.queries import list_dead, list_uncertain, oldest_unsent
from otklik.core.outbox.rows import claim_deliveries, recover_lost
from otklik.core.outbox.sending import send_pending
from otklik.core.outbox.settling import settle
from otklik.core.outbox.tests.couriers import Result, courier

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]
OLGA, ALEXEY = "olga@poluden.example", "alexey@gromov.example"
MARINA = Actor(kind=ActorKind.AGENT, id=1, permissions=frozenset({"deliveries.handle"}))
MALLORY = Actor(kind=ActorKind.CUSTOMER, id=9)


@pytest.fixture(autouse=True)
def obliging_courier() -> None:
    courier.carried.clear()
    courier.behaviour = lambda delivery: []


def post(key: str = "one", account: int = 1, **options: Any) -> Delivery:
    options = {"subject_id": 5, "ticket_id": 7, "recipients": [OLGA], **options}
    return enqueue(kind="parcel", key=key, account_id=account, **options)


def fails(error: Exception) -> None:
    def behaviour(delivery: Delivery) -> list[Result]:
        raise error

    courier.behaviour = behaviour


def make_due() -> None:
    Delivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())


def changes() -> list[tuple[str, str, str]]:
    rows = EventRow.objects.filter(name="delivery.changed").order_by("pk")
    return [(row.data["previous"], row.data["status"], row.data["error_kind"]) for row in rows]


def test_a_delivery_leaves_once_and_says_so_on_its_ticket() -> None:
    post()
    assert oldest_unsent() is not None
    assert send_pending() == 1
    assert send_pending() == 0
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.sent_at is not None) == ("sent", 1, True)
    assert delivery.recipients.get().status == "sent"
    assert courier.carried == [(1, [OLGA])]
    row = EventRow.objects.get(name="delivery.changed")
    assert (row.ticket_id, row.data["subject_id"]) == (7, 5)
    assert OLGA not in str(row.data)
    assert oldest_unsent() is None


def test_the_same_key_is_one_delivery_and_a_rolled_back_one_is_none() -> None:
    first = post()
    assert post(recipients=[ALEXEY]).pk == first.pk
    with transaction.atomic():
        post("two")
        transaction.set_rollback(True)
    assert Delivery.objects.get().recipients.get().address == OLGA


def test_what_is_sealed_is_unreadable_in_the_row_and_wiped_when_it_has_left() -> None:
    delivery = post(sealed={"link": "https://desk.example/s/very-secret"})
    assert "very-secret" not in delivery.sealed
    assert Delivery.objects.get().unseal() == {"link": "https://desk.example/s/very-secret"}
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.sealed, delivery.is_wiped) == ("", True)


def test_being_sent_is_committed_before_the_courier_goes_and_no_transaction_is_open() -> None:
    seen = []

    def look(delivery: Delivery) -> list[Result]:
        row = Delivery.objects.get(pk=delivery.pk)
        seen.append((row.status, row.attempts, connection.in_atomic_block))
        return []

    courier.behaviour = look
    post()
    send_pending()
    assert seen == [("sending", 1, False)]


def test_temporary_trouble_is_tried_again_later_and_told_once() -> None:
    fails(TemporaryFailure("The mailbox is busy.", retry_after=timedelta(minutes=30)))
    post()
    send_pending()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error_kind) == ("queued", "temporary")
    assert delivery.error_text == "The mailbox is busy."
    assert delivery.next_attempt_at is not None
    wait = delivery.next_attempt_at - timezone.now()
    assert timedelta(minutes=29) < wait <= timedelta(minutes=30)
    make_due()
    send_pending()
    assert changes() == [("queued", "queued", "temporary")]
    courier.behaviour = lambda delivery: []
    make_due()
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind, delivery.attempts) == ("sent", "", 3)


def test_after_five_days_it_is_a_dead_letter_that_may_be_retried_with_its_secret() -> None:
    fails(TemporaryFailure("Nobody answers."))
    delivery = post(sealed={"code": "1234"})
    Delivery.objects.update(give_up_at=timezone.now())
    send_pending()
    assert list_dead().get().error_kind == "expired"
    with pytest.raises(Forbidden):
        retry_delivery(MALLORY, delivery)
    courier.behaviour = lambda delivery: []
    again = retry_delivery(MARINA, delivery)
    assert again.unseal() == {"code": "1234"}
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.dead_at, delivery.sealed) == ("sent", None, "")


def test_a_permanent_refusal_is_final_and_no_dead_letter() -> None:
    fails(PermanentFailure("There is no such mailbox."))
    delivery = post(sealed={"code": "1234"})
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error_kind) == ("failed", "permanent")
    assert delivery.recipients.get().status == "failed"
    assert not list_dead().exists()
    with pytest.raises(Conflict):
        retry_delivery(MARINA, delivery)  # what it contained is gone


def test_each_recipient_has_an_outcome_and_only_those_without_one_are_tried_again() -> None:
    courier.behaviour = lambda delivery: [
        Result(OLGA),
        Result(ALEXEY, is_accepted=False, detail="451 try later"),
    ]
    post(recipients=[OLGA, ALEXEY])
    send_pending()
    assert Delivery.objects.get().status == "queued"
    courier.behaviour = lambda delivery: [
        Result(ALEXEY, is_accepted=False, is_permanent=True, detail="550 unknown")
    ]
    make_due()
    send_pending()
    assert [addresses for _, addresses in courier.carried] == [[OLGA, ALEXEY], [ALEXEY]]
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error_kind, delivery.error_text) == (
        "sent",
        "partial",
        "550 unknown",
    )


def test_what_may_have_been_sent_is_never_sent_again_unasked() -> None:
    fails(UncertainOutcome("The line broke after the text was sent."))
    delivery = post()
    send_pending()
    assert send_pending() == 0
    assert list_uncertain().get() == delivery
    with pytest.raises(Forbidden):
        confirm_uncertain(MALLORY, delivery, was_sent=True)
    with pytest.raises(Conflict):
        retry_delivery(MARINA, delivery)
    assert confirm_uncertain(MARINA, delivery, was_sent=True).status == "sent"
    assert delivery.recipients.get().status == "sent"
    with pytest.raises(Conflict):
        confirm_uncertain(MARINA, delivery, was_sent=False)


def test_what_certainly_was_not_sent_goes_again() -> None:
    fails(UncertainOutcome("The line broke."))
    delivery = post()
    send_pending()
    courier.behaviour = lambda delivery: []
    confirm_uncertain(MARINA, delivery, was_sent=False)
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, len(courier.carried)) == ("sent", 2)


def test_a_fault_before_the_window_is_tried_again_and_inside_it_is_uncertain() -> None:
    def fault(delivery: Delivery) -> list[Result]:
        if delivery.account_id == 2:
            delivery.mark_in_window()
        raise KeyError("a mistake of ours")

    courier.behaviour = fault
    before, inside = post("before", 1), post("inside", 2)
    send_pending()
    before.refresh_from_db()
    inside.refresh_from_db()
    assert (before.status, before.error_kind) == ("queued", "fault")
    assert (inside.status, inside.error_kind) == ("uncertain", "uncertain")
    assert "mistake" not in before.error_text


def test_a_kind_nobody_carries_waits_for_its_plug_in() -> None:
    enqueue(kind="pigeon", key="coo", recipients=[OLGA])
    send_pending()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error_kind) == ("queued", "temporary")


def test_a_sender_thought_lost_may_not_enter_the_window_or_settle_any_more() -> None:
    post()
    [slow] = claim_deliveries("slow", 1, 1, {})
    later = timezone.now() + timedelta(minutes=5)
    assert recover_lost(later) == 1
    [taken] = claim_deliveries("quick", 1, 1, {}, now=later)
    assert taken.pk == slow.pk
    with pytest.raises(LeaseLost):
        slow.mark_in_window()
    assert settle(slow, TemporaryFailure("late")) is False
    assert settle(taken, []) is True


def test_a_late_sender_knows_better_than_the_guess_about_it() -> None:
    post()
    [slow] = claim_deliveries("slow", 1, 1, {})
    slow.mark_in_window()
    recover_lost(timezone.now() + timedelta(minutes=5))
    assert Delivery.objects.get().status == "uncertain"
    assert settle(slow, []) is True
    assert Delivery.objects.get().status == "sent"


def test_what_waits_can_be_dropped_and_what_is_sent_cannot() -> None:
    waiting, sent = post("waiting"), post("sent", 2)
    Delivery.objects.filter(pk=waiting.pk).update(next_attempt_at=timezone.now() + timedelta(1))
    send_pending()
    with pytest.raises(Forbidden):
        drop_delivery(MALLORY, waiting)
    assert drop_delivery(MARINA, waiting).status == "cancelled"
    with pytest.raises(Conflict):
        drop_delivery(MARINA, sent)
    make_due()
    assert send_pending() == 0


def test_a_bounce_that_comes_later_turns_sent_into_failed_and_a_receipt_into_delivered() -> None:
    bounced, received = post("bounced", 1), post("received", 2)
    send_pending()
    refusal = Result(OLGA, is_accepted=False, is_permanent=True, detail="550 mailbox full")
    stranger = Result("mallory@evil.example", is_accepted=False, is_permanent=True)
    note_results(SYSTEM, bounced, [refusal])
    note_results(SYSTEM, received, [Result(OLGA), stranger])
    bounced.refresh_from_db()
    received.refresh_from_db()
    assert (bounced.status, bounced.error_text) == ("failed", "550 mailbox full")
    assert received.status == "delivered"


def test_lanes_take_turns_and_a_lane_has_two_places_at_most() -> None:
    for number in range(5):
        post(f"busy {number}", 1)
    post("calm", 2)
    served: dict[str, int] = {}
    first = claim_deliveries("one", 8, 8, served)
    assert sorted(delivery.account_id or 0 for delivery in first) == [1, 1, 2]
    assert claim_deliveries("one", 5, 8, served) == []
    settle(next(delivery for delivery in first if delivery.account_id == 1), [])
    assert len(claim_deliveries("one", 8, 8, served)) == 1


def test_while_threads_are_scarce_each_lane_has_one_place_and_the_least_served_goes_first() -> None:
    for account in (1, 2, 3):
        for number in range(3):
            post(f"{account} {number}", account)
    served: dict[str, int] = {}
    turns = []
    for _ in range(6):
        [delivery] = claim_deliveries("one", 1, 2, served)
        turns.append(delivery.account_id or 0)
        settle(delivery, [])
    assert sorted(turns[:3]) == [1, 2, 3]
    assert turns[3:] == turns[:3]
