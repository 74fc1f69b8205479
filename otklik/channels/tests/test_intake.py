"""The one way in: what becomes of a message."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from otklik.channels import copies
from otklik.channels.contract import (
    Address,
    Automation,
    Disposition,
    InboundFile,
    InboundMessage,
    IntakeResult,
)
from otklik.channels.intake import take_in
from otklik.channels.models import InboundRecord
from otklik.channels.tests.factories import make_inbound
from otklik.core.access import SYSTEM, Origin
from otklik.core.jobs.rows import claim_jobs, settle
from otklik.core.jobs.running import run_job
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actions import block_person
from otklik.people.tests.factories import actor_of, make_agent
from otklik.plugins.channel_email import tokens
from otklik.tickets.actions import close_ticket, confirm_participant, reply_to_ticket, solve_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, Participant, Ticket
from otklik.tickets.queries import list_messages, propose_recipients

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OLGA = "o.nesterova@polden.example"
MALLORY = "mallory@elsewhere.example"


@pytest.fixture
def mailbox() -> Account:
    return make_mailbox("support@demo.example")


def ticket_of(number: int | None) -> Ticket:
    return Ticket.objects.get(number=number)


def test_a_message_opens_a_ticket_with_its_person_files_and_raw_original(mailbox: Account) -> None:
    picture = InboundFile("экран.png", "image/png", b"\x89PNG\r\n\x1a\nrest")
    message = make_inbound(OLGA, name="Ольга", files=(picture,), raw=b"From: olga\r\n\r\nhello")
    result = take_in(mailbox, message)
    assert result.disposition is Disposition.OPENED
    ticket = ticket_of(result.ticket)
    assert ticket.subject == "No hot water"
    assert ticket.requester.name == "Ольга"
    assert ticket.requester_identity is not None
    assert not ticket.requester_identity.is_verified
    stored = Message.objects.select_related("body__raw").get(pk=result.message)
    assert stored.attachments.get().name == "экран.png"
    assert stored.body.raw is not None
    assert stored.body.raw.refs == 1


def test_the_same_message_again_is_a_duplicate_and_another_under_its_id_is_not(
    mailbox: Account,
) -> None:
    message = make_inbound(OLGA, external_id="one@client.example")
    first = take_in(mailbox, message)
    again = take_in(mailbox, message)
    assert again.disposition is Disposition.DUPLICATE
    assert (again.ticket, again.message) == (first.ticket, first.message)
    other = make_inbound(OLGA, "Something else", external_id="one@client.example")
    assert take_in(mailbox, other).disposition is Disposition.OPENED
    assert Ticket.objects.count() == 2


def test_one_mail_to_two_of_our_mailboxes_is_one_ticket(mailbox: Account) -> None:
    sales = make_mailbox("sales@demo.example")
    message = make_inbound(
        OLGA, to=(Address("support@demo.example"), Address("sales@demo.example"))
    )
    first = take_in(mailbox, message)
    second = take_in(sales, message)
    assert second.disposition is Disposition.DUPLICATE
    assert second.ticket == first.ticket
    participants = Participant.objects.values_list("identity__value", flat=True)
    assert set(participants) == {OLGA}


def test_an_answer_joins_by_any_message_id_known_on_the_ticket(mailbox: Account) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="first@client.example"))
    answer = make_inbound(
        OLGA, "And now?", references=("unknown@x.example", "first@client.example")
    )
    result = take_in(mailbox, answer)
    assert result.disposition is Disposition.APPENDED
    assert result.ticket == first.ticket


def test_a_stranger_who_holds_an_id_is_seen_by_staff_alone_until_an_agent_lets_them_in(
    mailbox: Account,
) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="first@client.example"))
    ticket = ticket_of(first.ticket)
    told = take_in(
        mailbox, make_inbound(MALLORY, "Give me access", references=("first@client.example",))
    )
    assert told.ticket == first.ticket
    message = Message.objects.get(pk=told.message)
    assert message.is_hidden
    marina = actor_of(make_agent("Marina"))
    assert message in list_messages(marina, ticket)
    assert message not in list_messages(actor_of(ticket.requester), ticket)
    stranger = Participant.objects.get(identity__value=MALLORY)
    assert (stranger.role, stranger.is_confirmed) == ("stranger", False)
    confirm_participant(marina, stranger)
    message.refresh_from_db()
    assert not message.is_hidden


def test_a_token_counts_for_the_one_it_was_sent_to_and_a_forged_one_for_nobody(
    mailbox: Account,
) -> None:
    first = take_in(mailbox, make_inbound(OLGA))
    assert first.ticket is not None
    token = tokens.make_token(first.ticket, OLGA, keys=tokens.desk_keys())
    hers = take_in(mailbox, make_inbound(OLGA, "Mine", subject="x", tokens=(token,)))
    assert (hers.disposition, hers.ticket) == (Disposition.APPENDED, first.ticket)
    theirs = take_in(mailbox, make_inbound(MALLORY, "Hi", subject="x", tokens=(token,)))
    assert Message.objects.get(pk=theirs.message).is_hidden
    forged = tokens.make_token(first.ticket, MALLORY, keys={"k1": b"0" * 32})
    opened = take_in(mailbox, make_inbound(MALLORY, "Hey", subject="x", tokens=(forged,)))
    assert opened.disposition is Disposition.OPENED
    assert opened.ticket != first.ticket


def test_the_number_in_a_subject_counts_only_for_those_who_take_part(mailbox: Account) -> None:
    first = take_in(mailbox, make_inbound(OLGA))
    hers = take_in(mailbox, make_inbound(OLGA, "More", ticket_hint=first.ticket))
    assert hers.ticket == first.ticket
    theirs = take_in(mailbox, make_inbound(MALLORY, "Me too", ticket_hint=first.ticket))
    assert theirs.disposition is Disposition.OPENED
    assert theirs.ticket != first.ticket


def test_an_answer_to_a_closed_ticket_opens_a_linked_one_and_to_a_solved_one_reopens_it(
    mailbox: Account,
) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="a@client.example"))
    ticket = ticket_of(first.ticket)
    solve_ticket(SYSTEM, ticket)
    take_in(mailbox, make_inbound(OLGA, "Again", references=("a@client.example",)))
    ticket.refresh_from_db()
    assert ticket.status_kind == "open"
    close_ticket(SYSTEM, ticket)
    later = take_in(mailbox, make_inbound(OLGA, "And again", references=("a@client.example",)))
    assert later.disposition is Disposition.OPENED
    assert ticket_of(later.ticket).follow_up_of == ticket


def test_machines_are_recognised_and_reopen_nothing(mailbox: Account) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="a@client.example"))
    ticket = ticket_of(first.ticket)
    solve_ticket(SYSTEM, ticket)
    away = make_inbound(
        OLGA, "I am away", references=("a@client.example",), automation=Automation.AUTO_REPLY
    )
    assert take_in(mailbox, away).disposition is Disposition.AUTO_REPLY
    ticket.refresh_from_db()
    assert ticket.status_kind == "solved"
    lost = make_inbound("mailer-daemon@x.example", automation=Automation.BOUNCE)
    assert take_in(mailbox, lost).disposition is Disposition.BOUNCE
    own = make_inbound("support@demo.example", automation=Automation.OWN)
    assert take_in(mailbox, own).disposition is Disposition.LOOP
    assert Ticket.objects.count() == 1


def test_two_machines_that_write_to_each_other_stop(mailbox: Account) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="a@client.example"))
    outcomes = [
        take_in(
            mailbox,
            make_inbound(
                OLGA,
                f"Automatic answer {n}",
                references=("a@client.example",),
                automation=Automation.AUTO_REPLY,
            ),
        ).disposition
        for n in range(8)
    ]
    assert outcomes[0] is Disposition.AUTO_REPLY
    assert outcomes[-1] is Disposition.LOOP
    assert ticket_of(first.ticket).messages.count() < 8


def test_a_blocked_sender_is_rejected_and_on_record(mailbox: Account) -> None:
    first = take_in(mailbox, make_inbound(MALLORY))
    block_person(SYSTEM, ticket_of(first.ticket).requester)
    result = take_in(mailbox, make_inbound(MALLORY, "again"))
    assert result.disposition is Disposition.REJECTED
    assert InboundRecord.objects.filter(disposition="rejected").count() == 1


def test_people_in_copy_are_shown_and_not_written_to_until_confirmed(mailbox: Account) -> None:
    result = take_in(
        mailbox,
        make_inbound(OLGA, cc=(Address("boss@polden.example"), Address("support@demo.example"))),
    )
    ticket = ticket_of(result.ticket)
    rows = {
        row.identity.value: row.is_confirmed
        for row in Participant.objects.filter(thread__ticket=ticket).select_related("identity")
    }
    assert rows == {OLGA: True, "boss@polden.example": False}


def test_our_reply_is_known_by_its_message_id(mailbox: Account) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="a@client.example"))
    ticket = ticket_of(first.ticket)
    assert ticket.requester_identity is not None
    ours = reply_to_ticket(
        actor_of(make_agent()),
        ticket,
        words=written_by_hand(text="We are on it"),
        recipients=Recipients(to=[ticket.requester_identity]),
    )
    ours.refresh_from_db()
    assert ours.external_id
    result = take_in(mailbox, make_inbound(OLGA, "Thanks", references=(ours.external_id,)))
    assert result.ticket == first.ticket


def test_an_import_keeps_the_sources_time(mailbox: Account) -> None:
    from datetime import UTC, datetime

    then = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    result = take_in(mailbox, make_inbound(OLGA, sent_at=then), origin=Origin.IMPORT)
    assert ticket_of(result.ticket).created_at == then


def test_a_letter_that_fails_its_senders_own_check_is_a_strangers_until_an_agent_takes_it(
    mailbox: Account,
) -> None:
    first = take_in(mailbox, make_inbound(OLGA, external_id="a@client.example"))
    forged = make_inbound(
        OLGA,
        "Change my bank details",
        references=("a@client.example",),
        authentication={"dmarc": "fail"},
    )
    told = take_in(mailbox, forged)
    message = Message.objects.get(pk=told.message)
    assert (told.ticket, message.is_hidden) == (first.ticket, True)
    honest = take_in(
        mailbox,
        make_inbound(
            OLGA, "Thanks", references=("a@client.example",), authentication={"dmarc": "pass"}
        ),
    )
    assert not Message.objects.get(pk=honest.message).is_hidden
    marina = actor_of(make_agent("Marina"))
    confirm_participant(marina, Participant.objects.get(identity__value=OLGA))
    message.refresh_from_db()
    assert not message.is_hidden


def run_jobs() -> None:
    while jobs := claim_jobs("test", "light", 20, timedelta(minutes=1)):
        settle([run_job(job) for job in jobs])


def participants_of(number: int | None) -> dict[str, bool]:
    rows = Participant.objects.filter(thread__ticket__number=number)
    return dict(rows.values_list("identity__value", "is_confirmed"))


def test_copies_take_part_at_once_only_when_their_letter_is_proven(mailbox: Account) -> None:
    cc = (Address("accountant@polden.example", "Бухгалтер"),)
    doubted = take_in(mailbox, make_inbound(OLGA, "One", cc=cc))
    assert participants_of(doubted.ticket) == {OLGA: True, "accountant@polden.example": False}
    proven = make_inbound(OLGA, "Two", cc=cc, authentication={"dmarc": "pass"})
    assert participants_of(take_in(mailbox, proven).ticket)["accountant@polden.example"]
    # A later letter from a member proves itself by the reply token given to her alone.
    number = doubted.ticket
    assert number is not None
    token = tokens.make_token(number, OLGA, keys=tokens.desk_keys())
    later = make_inbound(OLGA, "Three", cc=(Address("boss@polden.example"),), tokens=(token,))
    assert take_in(mailbox, later).ticket == number
    assert participants_of(number)["boss@polden.example"]


def test_hundreds_of_copies_take_part_in_small_steps_and_the_rest_is_a_number(
    mailbox: Account,
) -> None:
    crowd = tuple(Address(f"guest{n}@polden.example") for n in range(260))
    result = take_in(mailbox, make_inbound(OLGA, cc=crowd))
    assert len(participants_of(result.ticket)) == copies.AT_ONCE + 1
    run_jobs()
    known = participants_of(result.ticket)
    assert len(known) == copies.MAX_PARTICIPANTS + 1
    assert "guest199@polden.example" in known
    assert "guest200@polden.example" not in known
    assert Message.objects.get(pk=result.message).body.addresses["more"] == 60


def test_no_address_of_ours_takes_part_whether_alias_plus_address_or_answer_address(
    mailbox: Account,
) -> None:
    mailbox.config = {"aliases": ["hilfe@demo.example"]}
    mailbox.save()
    make_mailbox("sales@demo.example")
    ours = ("support@demo.example", "hilfe@demo.example", "sales+abc@demo.example")
    message = make_inbound(
        OLGA,
        to=(Address(ours[0]),),
        cc=(Address(ours[1]), Address("boss@polden.example")),
        reply_to=(Address(ours[2]),),
    )
    assert set(participants_of(take_in(mailbox, message).ticket)) == {OLGA, "boss@polden.example"}


def test_a_list_that_sends_the_same_letter_again_with_its_footer_makes_no_second_ticket(
    mailbox: Account,
) -> None:
    sent_at = timezone.now()
    direct = make_inbound(OLGA, "No water.", external_id="x@client.example", sent_at=sent_at)
    through = replace(
        direct,
        subject="[office] No hot water",
        text="No water.\n-- \nOffice mailing list",
        digest="0" * 64,
    )
    first = take_in(mailbox, direct)
    again = take_in(mailbox, through)
    assert (again.disposition, again.ticket) == (Disposition.DUPLICATE, first.ticket)
    # Under a known id somebody else, or other words, are no copy.
    for other in (
        replace(through, sender=Address(MALLORY), digest="1" * 64),
        replace(through, text="Quite another matter.", digest="2" * 64),
    ):
        assert take_in(mailbox, other).disposition is not Disposition.DUPLICATE


@pytest.mark.django_db(transaction=True)
def test_one_mail_through_two_mailboxes_at_the_same_moment_is_one_ticket() -> None:
    boxes = [make_mailbox("support@demo.example"), make_mailbox("sales@demo.example")]
    for number in range(5):
        message = make_inbound(OLGA, f"Broken {number}", external_id=f"race-{number}@x.example")
        together = Barrier(len(boxes))

        def offer(
            box: Account, message: InboundMessage = message, together: Barrier = together
        ) -> IntakeResult:
            try:
                together.wait(20)
                return take_in(box, message)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(boxes)) as pool:
            results = list(pool.map(offer, boxes))
        assert sorted(one.disposition.value for one in results) == ["duplicate", "opened"]
        assert len({one.ticket for one in results}) == 1
    assert Ticket.objects.count() == 5


def test_a_form_that_writes_from_our_own_address_names_its_visitor(mailbox: Account) -> None:
    from_form = make_inbound(
        "support@demo.example",
        reply_to=(Address(OLGA, "Ольга"),),
        to=(Address("support@demo.example"),),
        authentication={"dmarc": "pass"},
    )
    ticket = ticket_of(take_in(mailbox, from_form).ticket)
    assert ticket.requester_identity is not None
    assert (ticket.requester_identity.value, ticket.requester.name) == (OLGA, "Ольга")
    # What proves our own address proves nothing about hers.
    assert not Message.objects.get(ticket=ticket).body.authentication
    assert participants_of(ticket.number) == {OLGA: True}
    forged = replace(
        from_form, external_id="f@x.example", digest="3" * 64, authentication={"dmarc": "fail"}
    )
    other = ticket_of(take_in(mailbox, forged).ticket)
    assert other.requester_identity is not None
    assert other.requester_identity.value == "support@demo.example"
    assert participants_of(other.number)[OLGA] is False
    assert propose_recipients(other).to == []
