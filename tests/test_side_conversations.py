"""What is said aside never reaches the customer: Olga asks, Gidromash is asked, Marina writes.

And a colleague without a seat reads and writes notes by mail, until it is revoked.
"""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest

from otklik.channels import sending
from otklik.channels.contract import InboundMessage, OutboundMessage
from otklik.channels.intake import take_in
from otklik.channels.tests.factories import make_inbound
from otklik.core import search
from otklik.core.access import Forbidden, Invalid
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.operations.actions import undo_operation
from otklik.core.outbox import PermanentFailure
from otklik.core.outbox.models import Delivery
from otklik.core.settings import put
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.plugins.channel_email.channel import CHANNEL, reply_address
from otklik.portal.tests.factories import browser_of
from otklik.tickets.actions import (
    close_ticket,
    hold_ticket,
    merge_tickets,
    reply_to_ticket,
)
from otklik.tickets.actions.aside import begin_side, take_along
from otklik.tickets.actions.guests import DOMAINS, invite_guest, revoke_guest, write_note
from otklik.tickets.actions.side import open_side, write_to_side
from otklik.tickets.actions.waiting import To
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.columns import LIST_COLUMNS, compute_columns
from otklik.tickets.contract import Recipients
from otklik.tickets.exporting import write_tickets
from otklik.tickets.models import Message, Participant, Thread, Ticket
from otklik.tickets.queries import get_timeline, propose_recipients
from otklik.tickets.tests.factories import customer_writes, identity_of, open_for
from otklik.tickets.tests.test_purging import with_file
from otklik.tickets.typed import Typed
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

VENDOR = "parts@gidromash.example"
SECRET = "the valve costs 900, we charge 4000"
ANSWER = "we can ship the valve on Tuesday"


@pytest.fixture
def cast() -> SimpleNamespace:
    mailbox = make_mailbox("support@demo.example")
    olga, marina = make_customer("Olga Nesterova"), make_agent("Marina")
    ticket = open_for(olga, account=mailbox, external_id="first@client.example").ticket
    message = begin_side(
        actor_of(marina),
        ticket,
        subject="Price of a valve",
        typed=Typed(f"<p>{SECRET}</p>"),
        to=To([VENDOR]),
    )
    assert isinstance(message, Message)
    return SimpleNamespace(
        mailbox=mailbox, olga=olga, marina=marina, ticket=ticket, message=message
    )


def letter_to(message: Message) -> OutboundMessage:
    delivery = Delivery.objects.get(kind="message", subject_id=message.pk)
    return sending.build(Message.objects.get(pk=message.pk), delivery.payload["recipients"])


def come_in(cast: SimpleNamespace, letter: InboundMessage) -> Message:
    result = take_in(cast.mailbox, letter)
    return Message.objects.select_related("thread", "ticket").get(pk=result.message)


def token_of(cast: SimpleNamespace, message: Message) -> str:
    address = reply_address(cast.mailbox, letter_to(message))
    assert address is not None
    return address.address.partition("+")[2].partition("@")[0]


def test_an_answer_comes_back_into_its_own_talk_whichever_way(cast: SimpleNamespace) -> None:
    ours = letter_to(cast.message)
    assert [one.address for one in ours.to] == [VENDOR]
    assert ours.references == ()
    assert "portal" not in ours.text + ours.html
    token = token_of(cast, cast.message)
    side = cast.message.thread_id
    hold_ticket(actor_of(cast.marina), cast.ticket)
    by_token = come_in(cast, make_inbound(VENDOR, ANSWER, tokens=(token,)))
    assert (by_token.thread_id, by_token.kind, by_token.is_hidden) == (side, "side", False)
    assert Ticket.objects.get(pk=cast.ticket.pk).status_kind == "open"
    by_id = come_in(cast, make_inbound(VENDOR, "And on Friday", references=(ours.external_id,)))
    by_number = come_in(cast, make_inbound(VENDOR, "Or not", ticket_hint=cast.ticket.number))
    stranger = come_in(cast, make_inbound("m@else.example", "Let me in", tokens=(token,)))
    assert {by_id.thread_id, by_number.thread_id, stranger.thread_id} == {side}
    assert (stranger.kind, stranger.is_hidden) == ("side", True)
    # Whoever asked and holds a letter of it, forwarded by somebody, is no member of it either.
    olgas = identity_of(cast.olga).value
    hers = come_in(cast, make_inbound(olgas, "What is this?", references=(ours.external_id,)))
    assert (hers.thread_id, hers.kind, hers.is_hidden) == (side, "side", True)
    # Whom the vendor names in Cc takes no part: the next words go to the vendor alone.
    cc = make_inbound(VENDOR, "Cc", tokens=(token,), cc=(make_inbound(olgas).sender,))
    come_in(cast, cc)
    again = write_to_side(
        actor_of(cast.marina), Thread.objects.get(pk=side), words=written_by_hand(text="Deal")
    )
    assert [one.address for one in letter_to(again).to] == [VENDOR]
    close_ticket(actor_of(cast.marina), cast.ticket)
    late = come_in(cast, make_inbound(VENDOR, "Shipped", tokens=(token,)))
    assert (late.thread_id, late.ticket.status_kind) == (side, "closed")
    assert not CHANNEL.is_token_for(token, cast.ticket.number, VENDOR)  # opens no other talk


def test_nothing_of_it_reaches_the_customer(cast: SimpleNamespace) -> None:
    token = token_of(cast, cast.message)
    come_in(cast, make_inbound(VENDOR, ANSWER, tokens=(token,)))
    attached = with_file(cast.ticket)
    dispatch_pending()
    olga, words = actor_of(cast.olga), (SECRET, ANSWER, "valve", "gidromash")
    page = browser_of(cast.olga).get(f"/portal/requests/{cast.ticket.number}/")
    listed = browser_of(cast.olga).get("/portal/requests/")
    for shown in (page.content.decode().lower(), listed.content.decode().lower()):
        assert cast.ticket.subject.lower() in shown
        assert not [one for one in words if one in shown]
    letter = f"/portal/requests/{cast.ticket.number}/letters/{cast.message.pk}/"
    assert browser_of(cast.olga).get(letter).status_code == 404
    told = get_timeline(olga, cast.ticket, whole=True).entries
    assert {entry.message.kind for entry in told if entry.message} == {"public"}
    assert not search.find("ticket", "valve", scopes=olga.scopes)
    assert search.find("ticket", "valve", scopes=actor_of(cast.marina).scopes)
    # Lists: the last words and who waits follow from the talk with her alone.
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert ticket.snippet == "Look at this"
    assert {name: getattr(ticket, name) for name in LIST_COLUMNS} == compute_columns(ticket)
    # A letter to her names and quotes nothing of it, and the vendor is no recipient of hers.
    people = propose_recipients(ticket)
    assert {one.value for one in (*people.to, *people.cc)} == {identity_of(cast.olga).value}
    reply = reply_to_ticket(
        actor_of(cast.marina),
        ticket,
        words=written_by_hand(text="A mechanic comes"),
        recipients=Recipients(to=[identity_of(cast.olga)]),
    )
    ours = letter_to(reply)
    assert cast.message.external_id not in (*ours.references, ours.in_reply_to)
    whole = ours.text + ours.html + ours.subject
    assert not [one for one in words if one in whole.lower()]
    # What is told of her is not what others said of her ticket aside; the vendor's own words are.
    assert not [row for row in _exported(cast.olga) if "valve" in row["text"]]
    vendor = identity_of(cast.message.thread.participants.get().identity.person).person
    assert [row["text"] for row in _exported(vendor)] == [ANSWER]
    taken = take_along(actor_of(cast.marina), ticket, [attached.attachments.get().token])
    assert len(taken) == 1


def test_merged_into_another_customers_ticket_it_reaches_neither_of_them(
    cast: SimpleNamespace,
) -> None:
    marina, alexey = actor_of(cast.marina), make_customer("Alexey Gromov")
    his = open_for(alexey, account=cast.mailbox, external_id="his@client.example").ticket
    token = token_of(cast, cast.message)
    merged = merge_tickets(marina, his, [cast.ticket], across_customers=True)
    answer = come_in(cast, make_inbound(VENDOR, ANSWER, tokens=(token,)))
    assert (answer.ticket, answer.kind, answer.thread_id) == (his, "side", cast.message.thread_id)
    by_number = come_in(cast, make_inbound(VENDOR, "Or not", ticket_hint=cast.ticket.number))
    assert by_number.kind == "side"
    dispatch_pending()
    for person, number in ((cast.olga, cast.ticket.number), (alexey, his.number)):
        page = browser_of(person).get(f"/portal/requests/{number}/", follow=True).content.decode()
        listed = browser_of(person).get("/portal/requests/").content.decode()
        told = get_timeline(actor_of(person), Ticket.objects.get(number=number), whole=True)
        assert {each.message.kind for each in told.entries if each.message} == {"public"}
        shown = (page + listed).lower()
        assert not [one for one in (SECRET, ANSWER, "valve", "gidromash") if one in shown]
        people = propose_recipients(Ticket.objects.get(pk=his.pk))
        assert VENDOR not in {one.value for one in (*people.to, *people.cc)}
        reply = reply_to_ticket(
            marina,
            Ticket.objects.get(pk=his.pk),
            words=written_by_hand(text="A mechanic comes"),
            recipients=Recipients(to=[identity_of(person)]),
        )
        ours = letter_to(reply)
        assert cast.message.external_id not in (*ours.references, ours.in_reply_to)
        assert not [one for one in (SECRET, ANSWER, "valve") if one in ours.text + ours.html]
    # Whose side is whose counts for both: it goes on with the vendor, never to either customer.
    side = Thread.objects.get(pk=cast.message.thread_id)
    write_to_side(marina, side, words=written_by_hand(text="Deal"))
    with pytest.raises(Invalid):
        write_to_side(marina, side, words=written_by_hand(text="x"), to=[identity_of(alexey).value])
    undo_operation(marina, merged)
    assert Thread.objects.get(pk=side.pk).ticket == cast.ticket
    assert not Message.objects.filter(ticket=his, kind="side").exists()


def _exported(person: object) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    class Shelf:
        def table(self, name: str, _title: str, rows: object) -> None:
            if name == "messages":
                found.extend(rows)  # type: ignore[arg-type]

        def content(self, name: str, _blob: object) -> str:
            return name

    write_tickets(person, Shelf())  # type: ignore[arg-type]
    return found


def test_the_customers_side_is_refused_and_a_double_click_opens_one(cast: SimpleNamespace) -> None:
    marina = actor_of(cast.marina)
    olgas = identity_of(cast.olga).value
    for to, cc in (([olgas], []), ([VENDOR], [olgas]), ([], [])):
        with pytest.raises(Invalid):
            open_side(marina, cast.ticket, subject="Aside", to=to, cc=cc)
    thread = cast.message.thread
    for address in (olgas, "support@demo.example"):
        with pytest.raises(Invalid):
            write_to_side(marina, thread, words=written_by_hand(text="x"), to=[address])
    with pytest.raises(Invalid):
        write_to_side(
            marina, cast.ticket.threads.get(is_main=True), words=written_by_hand(text="x")
        )
    key = uuid4()
    for _click in range(2):
        begin_side(
            marina,
            cast.ticket,
            subject="Twice",
            typed=Typed("<p>Once</p>"),
            to=To(["second@gidromash.example"]),
            client_key=key,
        )
    assert Thread.objects.filter(ticket=cast.ticket, subject="Twice").count() == 1


def test_programs_of_staff_do_the_same_and_a_customer_has_no_way_in(cast: SimpleNamespace) -> None:
    marina = program_of(cast.marina)
    there = f"/tickets/{cast.ticket.number}/side-conversations"
    (known,) = marina.get(there).json()
    assert (known["subject"], known["people"]) == ("Price of a valve", [VENDOR])
    written = marina.post(f"{there}/{known['id']}/messages", {"text": "Agreed"})
    assert written.status_code == 201
    assert (written.json()["kind"], written.json()["side_conversation"]) == ("side", known["id"])
    waits = marina.post(there, {"subject": "B", "text": "b", "to": [VENDOR], "undo_seconds": 30})
    assert waits.status_code == 202
    assert marina.post(f"/waiting-replies/{waits.json()['id']}/undo").json()["state"] == "cancelled"
    olgas = identity_of(cast.olga).value
    assert marina.post(there, {"subject": "B", "text": "b", "to": [olgas]}).status_code == 422
    foreign = marina.get("/tickets/999999/side-conversations")
    assert foreign.status_code == 404


def test_a_colleague_joins_the_notes_by_mail_until_it_is_revoked(cast: SimpleNamespace) -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(cast.marina)
    anna = make_customer("Anna Petrova", "anna@company.example")
    unproven = make_customer("Petr", "petr@company.example", is_verified=False)
    with pytest.raises(Invalid) as caught:
        invite_guest(marina, cast.ticket, "anna@company.example")
    assert caught.value.code == "not_of_the_company"
    with pytest.raises(Invalid):
        put(dasha, DOMAINS, ["gmail.com"])
    put(dasha, DOMAINS, ["company.example", "polden.example"])
    for address in (identity_of(unproven).value, identity_of(cast.olga).value):
        with pytest.raises(Invalid):
            invite_guest(marina, cast.ticket, address)
    with pytest.raises(Forbidden):
        invite_guest(actor_of(cast.olga), cast.ticket, "anna@company.example")
    guest = invite_guest(marina, cast.ticket, "Anna@company.example")
    quiet = write_note(marina, cast.ticket, words=written_by_hand(text="Not for guests"))
    assert not Delivery.objects.filter(subject_id=quiet.pk).exists()
    note = write_note(
        marina, cast.ticket, words=written_by_hand(text="Is it paid?"), to_guests=True
    )
    ours = letter_to(note)
    assert [one.address for one in ours.to] == ["anna@company.example"]
    assert "Is it paid?" in ours.text
    assert ours.references == ()  # neither of the talk nor of a note that was not for her
    token = token_of(cast, note)
    answer = come_in(cast, make_inbound("anna@company.example", "Paid", tokens=(token,)))
    assert (answer.kind, answer.direction, answer.author) == ("note", "internal", anna)
    by_id = come_in(
        cast, make_inbound("x@else.example", "I read it", references=(ours.external_id,))
    )
    assert (by_id.kind, by_id.is_hidden) == ("note", True)
    page = browser_of(cast.olga).get(f"/portal/requests/{cast.ticket.number}/").content.decode()
    assert "Paid" not in page
    assert "Is it paid" not in page
    assert not Ticket.objects.visible_to(actor_of(anna)).filter(pk=cast.ticket.pk).exists()
    on_its_way = write_note(
        marina, cast.ticket, words=written_by_hand(text="Still?"), to_guests=True
    )
    revoke_guest(marina, guest)
    delivery = Delivery.objects.get(kind="message", subject_id=on_its_way.pk)
    with pytest.raises(PermanentFailure):  # at once, also for what waits to be sent
        sending.MessageCarrier().carry(delivery)
    late = come_in(cast, make_inbound("anna@company.example", "Hello?", tokens=(token,)))
    assert (late.kind, late.is_hidden) == ("note", True)
    assert not Participant.objects.filter(identity__value="anna@company.example").exists()
    customer_writes(cast.ticket)
