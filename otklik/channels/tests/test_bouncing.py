"""Delivery reports: what they change, and what a forged one does not."""

from __future__ import annotations

import pytest

from otklik.channels.contract import (
    Automation,
    BouncedRecipient,
    BounceKind,
    BounceReport,
    Disposition,
    IntakeResult,
)
from otklik.channels.intake import take_in
from otklik.channels.tests.factories import make_inbound
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.core.outbox.models import Delivery
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actions import find_or_create_identity
from otklik.people.models import Identity
from otklik.people.tests.factories import actor_of, make_agent
from otklik.plugins.channel_email import tokens
from otklik.tickets.actions import reply_to_ticket, solve_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, StatusKind, Ticket
from otklik.tickets.queries import list_messages

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OLGA, PETR = "o.nesterova@polden.example", "petr@polden.example"
DAEMON = "mailer-daemon@mx.polden.example"


@pytest.fixture
def mailbox() -> Account:
    return make_mailbox("support@demo.example")


def answered(mailbox: Account, *cc: str) -> Message:
    """A ticket of Olga's with an answer that the mail server has taken."""
    result = take_in(mailbox, make_inbound(OLGA))
    ticket = Ticket.objects.get(number=result.ticket)
    assert ticket.requester_identity is not None
    message = reply_to_ticket(
        actor_of(make_agent("Marina")),
        ticket,
        words=written_by_hand(text="Switch it off and on."),
        recipients=Recipients(
            to=[ticket.requester_identity],
            cc=[find_or_create_identity("email", each) for each in cc],
        ),
    )
    delivery = Delivery.objects.get(subject_id=message.pk)
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", next_attempt_at=None)
    delivery.recipients.update(status="sent")
    Message.objects.filter(pk=message.pk).update(delivery_state="sent")
    message.refresh_from_db()
    return message


def report(
    mailbox: Account, *said: tuple[str, BounceKind], about: str = "", **details: object
) -> IntakeResult:
    recipients = tuple(
        BouncedRecipient(address, kind, "5.1.1", "550 5.1.1 User unknown") for address, kind in said
    )
    bounce = BounceReport(recipients, (about,) if about else (), **details)  # type: ignore[arg-type]
    message = make_inbound(
        DAEMON, "It did not arrive", automation=Automation.BOUNCE, bounce=bounce, envelope_sender=""
    )
    return take_in(mailbox, message)


def test_a_bounce_is_shown_on_the_letter_and_on_the_address_until_they_write_again(
    mailbox: Account,
) -> None:
    letter = answered(mailbox)
    result = report(mailbox, (OLGA, BounceKind.HARD), about=letter.external_id)
    letter.refresh_from_db()
    assert (result.disposition, result.ticket) == (Disposition.BOUNCE, letter.ticket.number)
    assert (letter.delivery_state, letter.delivery_error) == ("failed", "550 5.1.1 User unknown")
    outcome = Delivery.objects.get(subject_id=letter.pk).recipients.get()
    assert (outcome.status, outcome.detail) == ("failed", "550 5.1.1 User unknown")
    olga = Identity.objects.get(value=OLGA)
    assert (olga.trouble, olga.trouble_detail) == ("hard", "550 5.1.1 User unknown")
    told = EventRow.objects.get(name="message.bounced")
    assert told.data["kind"] == "hard"
    assert EventRow.objects.filter(name="identity.unreachable", person_id=olga.person_id).exists()
    take_in(mailbox, make_inbound(OLGA, "I am here again"))
    olga.refresh_from_db()
    assert olga.trouble == ""


def test_of_several_recipients_only_the_named_one_did_not_get_it(mailbox: Account) -> None:
    letter = answered(mailbox, PETR)
    report(mailbox, (PETR, BounceKind.SOFT), about=letter.external_id)
    letter.refresh_from_db()
    assert (letter.delivery_state, letter.delivery_error) == ("sent", "550 5.1.1 User unknown")
    rows = Delivery.objects.get(subject_id=letter.pk).recipients
    assert dict(rows.values_list("address", "status")) == {OLGA: "sent", PETR: "failed"}
    assert Identity.objects.get(value=PETR).trouble == "soft"
    assert Identity.objects.get(value=OLGA).trouble == ""


def test_a_delay_is_not_the_last_word_and_a_success_is_shown(mailbox: Account) -> None:
    letter = answered(mailbox)
    report(mailbox, (OLGA, BounceKind.DELAYED), about=letter.external_id)
    letter.refresh_from_db()
    outcome = Delivery.objects.get(subject_id=letter.pk).recipients.get()
    assert (letter.delivery_state, outcome.status) == ("sent", "sent")
    assert outcome.detail == "550 5.1.1 User unknown"
    assert Identity.objects.get(value=OLGA).trouble == ""
    report(mailbox, (OLGA, BounceKind.DELIVERED), about=letter.external_id)
    letter.refresh_from_db()
    assert letter.delivery_state == "delivered"


def test_a_complaint_is_kept_at_the_address_and_changes_no_delivery(mailbox: Account) -> None:
    letter = answered(mailbox)
    report(mailbox, (OLGA, BounceKind.COMPLAINT), about=letter.external_id)
    letter.refresh_from_db()
    assert letter.delivery_state == "sent"
    report(mailbox, (OLGA, BounceKind.SOFT), about=letter.external_id)
    assert Identity.objects.get(value=OLGA).trouble == "complaint"


def test_a_report_reaches_its_letter_by_our_signed_address_and_a_forged_one_does_not(
    mailbox: Account,
) -> None:
    letter = answered(mailbox)
    number = letter.ticket.number
    forged = tokens.make_token(number, OLGA, keys={"k1": b"0" * 32})
    report(mailbox, ("", BounceKind.HARD), tokens=(forged,))
    letter.refresh_from_db()
    assert letter.delivery_state == "sent"
    ours = tokens.make_token(number, OLGA, keys=tokens.desk_keys())
    report(mailbox, ("", BounceKind.HARD), tokens=(ours,))
    letter.refresh_from_db()
    assert letter.delivery_state == "failed"


def test_without_our_mark_staff_sees_the_report_and_nothing_changes(mailbox: Account) -> None:
    letter = answered(mailbox)
    result = report(mailbox, (OLGA, BounceKind.HARD))
    letter.refresh_from_db()
    assert result.ticket == letter.ticket.number
    assert letter.delivery_state == "sent"
    assert Identity.objects.get(value=OLGA).trouble == ""
    filed = Message.objects.get(pk=result.message)
    assert (filed.is_hidden, filed.automation) == (True, "bounce")
    assert filed in list_messages(actor_of(make_agent("Ilya")), letter.ticket)
    assert filed not in list_messages(actor_of(letter.ticket.requester), letter.ticket)


def test_backscatter_is_counted_and_floods_nobody(mailbox: Account) -> None:
    for number in range(30):
        result = report(
            mailbox, (f"nobody{number}@elsewhere.example", BounceKind.HARD), about="x@y"
        )
        assert (result.disposition, result.ticket) == (Disposition.BOUNCE, None)
    assert Ticket.objects.count() == 0
    assert Message.objects.count() == 0
    assert not Identity.objects.filter(value__contains="elsewhere").exists()
    letter = answered(mailbox)
    for _ in range(30):
        report(mailbox, (OLGA, BounceKind.HARD))
    assert Message.objects.filter(ticket=letter.ticket, automation="bounce").count() == 5


def test_the_bounce_of_an_acknowledgement_opens_nothing_and_is_answered_by_nobody(
    mailbox: Account,
) -> None:
    take_in(mailbox, make_inbound(OLGA))
    dispatch_pending()
    sent = Message.objects.get(is_automatic=True)
    Delivery.objects.filter(subject_id=sent.pk).update(status="sent", next_attempt_at=None)
    report(mailbox, (OLGA, BounceKind.HARD), about=sent.external_id)
    dispatch_pending()
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(is_automatic=True).count() == 1


def test_a_report_reopens_nothing(mailbox: Account) -> None:
    letter = answered(mailbox)
    solve_ticket(actor_of(make_agent("Ilya")), letter.ticket)
    report(mailbox, (OLGA, BounceKind.HARD), about=letter.external_id)
    letter.ticket.refresh_from_db()
    assert letter.ticket.status_kind == StatusKind.SOLVED
