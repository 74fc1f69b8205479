"""Letters that tell agents: at once, in a digest, not when read, stopped by one click, answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from otklik.channels.contract import OutboundMessage, RecipientOutcome
from otklik.channels.intake import take_in
from otklik.channels.tests.factories import make_inbound
from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.sending import send_pending
from otklik.core.settings import put
from otklik.desk.tests.factories import make_mailbox
from otklik.notify import letters
from otklik.notify.actions import Hours, choose_hours, choose_topics
from otklik.notify.models import Notification, Preference
from otklik.notify.settings import MAIL_SHOWS_TEXT
from otklik.notify.topics import Mail, Ways
from otklik.people.tests.factories import actor_of, make_agent, make_customer, user_of
from otklik.plugins.channel_email.channel import EmailChannel, reply_address
from otklik.plugins.channel_email.composing import compose
from otklik.tickets.actions import add_note, assign_ticket, mark_read
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Message, Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

SOON = timedelta(minutes=3)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    mailbox = make_mailbox()
    sent: list[OutboundMessage] = []

    def send(_channel, _account, message, *, entering):
        entering()
        sent.append(message)
        return [RecipientOutcome(each.address, is_accepted=True) for each in message.to]

    monkeypatch.setattr(EmailChannel, "send", send)
    marina = make_agent("Marina", "marina@desk.example")
    ticket = make_ticket(make_customer("Olga Nesterova"), "Cold <b>water</b>", account=mailbox)
    assign_ticket(SYSTEM, ticket, marina)
    dispatch_pending()
    return SimpleNamespace(
        mailbox=mailbox, sent=sent, marina=marina, actor=actor_of(marina), ticket=ticket
    )


def mail(desk, after: timedelta = SOON) -> list[OutboundMessage]:
    """What left now, acknowledgements to customers aside."""
    dispatch_pending()
    desk.sent.clear()
    letters.send_due(timezone.now() + after)
    send_pending()
    return [each for each in desk.sent if each.to[0].address == "marina@desk.example"]


def test_a_letter_leaves_after_a_while_unless_it_was_read(desk) -> None:
    assert mail(desk, timedelta(0)) == []
    (letter,) = mail(desk)
    assert letter.subject == f"№ {desk.ticket.number} Cold <b>water</b>: Assigned to you"
    assert f"/tickets/{desk.ticket.number}/" in letter.text
    assert "goes to the customer" in letter.text
    assert "<b>water" not in letter.html
    assert (letter.is_automatic, letter.ticket) == (True, desk.ticket.number)
    assert mail(desk) == []
    assign_ticket(SYSTEM, Ticket.objects.get(), None)
    assign_ticket(SYSTEM, Ticket.objects.get(), desk.marina)
    dispatch_pending()
    mark_read(desk.actor, desk.ticket)
    assert mail(desk) == []


def test_one_click_stops_them_and_a_get_stops_nothing(desk) -> None:
    (letter,) = mail(desk)
    path = letter.unsubscribe.partition("/notifications/")[2]
    mallory = Client(enforce_csrf_checks=True)
    page = mallory.get(f"/notifications/{path}")
    assert b"Send no more" in page.content
    assert not Preference.objects.exists()
    posted = mallory.post(f"/notifications/{path}", {"List-Unsubscribe": "One-Click"})
    assert posted.status_code == 200
    row = Preference.objects.get()
    assert (row.person_id, row.topic) == (desk.marina.person_id, "ticket.assigned")
    assert (row.mail, row.screen, row.push) == ("off", True, True)
    wrong = path[:-6] + "AAAA/"
    assert (mallory.get(f"/notifications/{wrong}").status_code) == 404
    raw = compose(
        letter, at=timezone.now(), desk_id="x", reply_to=None, read_file=lambda _file: b""
    ).decode()
    assert f"List-Unsubscribe: <{letter.unsubscribe}>" in raw.replace("\r\n ", " ")
    assert "Auto-Submitted: auto-generated" in raw
    assert "List-Unsubscribe-Post" not in raw  # this desk's address is http
    safe = letter.unsubscribe.replace("http://", "https://")
    raw = compose(
        replace(letter, unsubscribe=safe),
        at=timezone.now(),
        desk_id="x",
        reply_to=None,
        read_file=lambda _file: b"",
    ).decode()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw


def test_quiet_hours_end_with_one_letter_and_a_digest_holds_all(desk) -> None:
    mail(desk)
    now = timezone.now()
    minute = (now.hour * 60 + now.minute) % 1440
    user = user_of(desk.marina)
    user.time_zone = "UTC"
    user.save()
    quiet = Hours(quiet_from=(minute - 5) % 1440, quiet_until=(minute + 60) % 1440, digest="hourly")
    choose_hours(desk.actor, quiet)
    for number in range(3):
        other = make_ticket(make_customer(f"Customer {number}"), f"Number {number}")
        assign_ticket(SYSTEM, other, desk.marina)
    assert mail(desk) == []
    (letter,) = mail(desk, timedelta(minutes=62))
    assert letter.subject == "3 new notifications"
    assert [f"Number {number}" in letter.text for number in range(3)] == [True] * 3
    assert letter.ticket is None
    choose_hours(desk.actor, Hours(digest="hourly"))
    choose_topics(desk.actor, {"ticket.answered": Ways(mail=Mail.DIGEST)})
    for words in ("One", "Two"):
        customer_writes(desk.ticket, words)
    put(SYSTEM, MAIL_SHOWS_TEXT, False)
    assert mail(desk, timedelta(0)) == []
    (letter,) = mail(desk, timedelta(hours=1, minutes=1))
    assert letter.subject == f"№ {desk.ticket.number}: New answer"
    assert not {"Olga", "Cold", "Two"} & set(letter.text.replace(",", " ").split())


def test_an_answer_goes_into_the_ticket_but_never_from_a_letter_about_a_note(desk) -> None:
    mail(desk)
    choose_topics(
        desk.actor,
        {"ticket.noted": Ways(mail=Mail.NOW), "ticket.answered": Ways(mail=Mail.NOW)},
    )
    ilya = actor_of(make_agent("Ilya"))
    add_note(ilya, Ticket.objects.get(), words=written_by_hand(text="Between us"))
    (letter,) = mail(desk)
    assert (letter.ticket, "goes to the customer" in letter.text) == (None, False)
    customer_writes(desk.ticket, "Any news?")
    (letter,) = mail(desk)
    assert letter.ticket == desk.ticket.number
    address = reply_address(desk.mailbox, letter)
    assert address is not None
    token = address.address.partition("@")[0].rpartition("+")[2]
    answer = make_inbound(
        "marina@desk.example", "I am on my way", tokens=(token,), references=(letter.external_id,)
    )
    take_in(desk.mailbox, answer)
    said = Message.objects.latest("id")
    # Nobody vouches for this letter, so it is a note and reaches no customer.
    assert (said.ticket_id, said.kind, said.author_id) == (
        desk.ticket.pk,
        "note",
        desk.marina.person_id,
    )


def test_a_machines_answer_to_a_letter_of_ours_is_no_news(desk) -> None:
    before = Notification.objects.count()
    customer_writes(desk.ticket, "I am away", automation="auto_reply")
    dispatch_pending()
    assert Notification.objects.count() == before
    assert Delivery.objects.filter(kind="letter").count() == 0
