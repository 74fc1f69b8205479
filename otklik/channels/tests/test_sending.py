"""The one way out: how a reply leaves, and what the first answer says."""

from __future__ import annotations

import pytest

from otklik.channels import sending
from otklik.channels.intake import take_in
from otklik.channels.tests.factories import make_inbound
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.outbox.models import Delivery
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actions import change_agent
from otklik.people.tests.factories import actor_of, make_administrator, make_agent
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

OLGA = "o.nesterova@polden.example"


@pytest.fixture
def mailbox() -> Account:
    return make_mailbox("support@demo.example")


def open_one(mailbox: Account, **details: object) -> Ticket:
    result = take_in(mailbox, make_inbound(OLGA, name="Olga", **details))  # type: ignore[arg-type]
    return Ticket.objects.get(number=result.ticket)


def test_a_reply_leaves_with_threading_signature_and_number(mailbox: Account) -> None:
    ticket = open_one(mailbox, external_id="first@client.example")
    dispatch_pending()
    acknowledgement = Message.objects.get(ticket=ticket, is_automatic=True)
    marina = make_agent("Marina")
    change_agent(actor_of(make_administrator()), marina, signature="Marina, service")
    assert ticket.requester_identity is not None
    message = reply_to_ticket(
        actor_of(marina),
        ticket,
        words=written_by_hand(html="<p>Switch it <b>off</b> for 20 minutes.</p>"),
        recipients=Recipients(to=[ticket.requester_identity]),
    )
    delivery = Delivery.objects.get(kind="message", subject_id=message.pk)
    assert [row.address for row in delivery.recipients.all()] == [OLGA]
    outbound = sending.build(Message.objects.get(pk=message.pk), delivery.payload["recipients"])
    assert outbound.in_reply_to == "first@client.example"
    assert outbound.references == ("first@client.example", acknowledgement.external_id)
    assert f"[#{ticket.number}]" in outbound.subject
    assert "Switch it off for 20 minutes." in outbound.text
    assert "Marina, service" in outbound.text
    assert "<b>off</b>" in outbound.html
    assert outbound.sender.address == "support@demo.example"


def test_a_new_request_is_acknowledged_once_to_its_sender_only_quoting_nothing(
    mailbox: Account,
) -> None:
    ticket = open_one(mailbox, subject="Buy cheap pills", text="at evil.example")
    dispatch_pending()
    dispatch_pending()
    sent = Message.objects.get(ticket=ticket, is_automatic=True)
    delivery = Delivery.objects.get(subject_id=sent.pk, kind="message")
    assert [row.address for row in delivery.recipients.all()] == [OLGA]
    outbound = sending.build(sent, delivery.payload["recipients"])
    assert str(ticket.number) in outbound.text
    assert "pills" not in outbound.subject + outbound.text
    assert "evil" not in outbound.text
    assert outbound.is_automatic
    ticket.refresh_from_db()
    assert ticket.status_kind == "new"
    assert ticket.waiting_since is not None


def test_a_machine_is_never_acknowledged_and_a_flood_of_requests_few_times(
    mailbox: Account,
) -> None:
    from otklik.channels.contract import Automation

    open_one(mailbox, automation=Automation.NOTIFICATION)
    dispatch_pending()
    assert not Message.objects.filter(is_automatic=True).exists()
    for number in range(9):
        take_in(mailbox, make_inbound("loud@elsewhere.example", f"Request {number}"))
    dispatch_pending()
    assert Message.objects.filter(is_automatic=True).count() == 5


def test_one_postbox_is_not_flooded_through_its_plus_addresses(mailbox: Account) -> None:
    for number in range(9):
        take_in(mailbox, make_inbound(f"victim+{number}@elsewhere.example", f"Request {number}"))
    dispatch_pending()
    assert Message.objects.filter(is_automatic=True).count() == 5
    take_in(mailbox, make_inbound("victimless@elsewhere.example", "Another person"))
    dispatch_pending()
    assert Message.objects.filter(is_automatic=True).count() == 6


def test_who_is_only_named_as_the_sender_is_not_written_to(mailbox: Account) -> None:
    open_one(mailbox, authentication={"dmarc": "fail", "spf": "pass"})
    dispatch_pending()
    assert not Message.objects.filter(is_automatic=True).exists()
    open_one(mailbox, text="Once more", authentication={"dmarc": "pass"})
    dispatch_pending()
    assert Message.objects.filter(is_automatic=True).count() == 1


def test_an_acknowledgement_speaks_the_senders_language(mailbox: Account) -> None:
    ticket = open_one(mailbox, language="ru", text="Кофемашина не греет воду")
    dispatch_pending()
    sent = Message.objects.select_related("body").get(ticket=ticket, is_automatic=True)
    assert "номер" in sent.body.text
