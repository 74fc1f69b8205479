"""Who is erased is gone from every table, file and gap of the desk, and stays gone.

The texts below are written out here and looked for in the bytes of the database, its search
tables and the stored files, whatever rooms there are.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from otklik.channels.actions.blocking import unblock_sender
from otklik.channels.contract import Disposition
from otklik.channels.intake import take_in
from otklik.channels.models import BlockedSender, Quarantined
from otklik.channels.quarantine import quarantine
from otklik.channels.tests.factories import make_inbound
from otklik.core import search
from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.core.outbox.models import Delivery, DeliveryRecipient, Status
from otklik.core.settings import config
from otklik.people import erasing, tombstones
from otklik.people.actions import (
    add_identity,
    change_person,
    deactivate_agent,
    erase_person,
    lift_person_hold,
    place_person_hold,
)
from otklik.people.models import Erasure, ErasureState, Identity, Person, User
from otklik.people.tasks import erase
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.people.traces import Traces
from otklik.plugins.channel_email import spool
from otklik.tickets import actions
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, MessageBody, Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.erased_desk import ADDRESS, NAME, NEEDLES, SECRET, Desk, traces_left

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def desk() -> Desk:
    tombstones.path().unlink(missing_ok=True)
    for path in spool.list_kept(str(config().home)):
        spool.forget(path)
    return Desk()


def run(erasure: Erasure) -> None:
    """Both passes, as the jobs run them."""
    erase(erasure_id=erasure.pk)
    erase(erasure_id=erasure.pk, is_last=True)


def test_nothing_of_a_person_is_left_in_tables_search_and_files(desk: Desk) -> None:
    assert len(traces_left()) > 20  # it would see them
    erasure = erase_person(desk.dasha, desk.person, reason="asked")
    run(erasure)
    dispatch_pending()
    erasing.scrub()
    # The shadow tables of the index of SQLite are clean after a scrub; PostgreSQL has none.
    assert traces_left() == []
    found = Person.objects.get(pk=desk.person.pk)
    assert found.erased_at is not None
    assert str(found) == "Erased person"
    assert not Identity.objects.filter(person=found).exists()
    assert not search.find("person", NAME, scopes=["staff"])
    assert not search.find("ticket", "vermilion", scopes=["staff"])


def test_the_bytes_of_the_database_file_hold_nothing_after_a_scrub(desk: Desk) -> None:
    if connection.vendor != "sqlite":
        return
    name = str(connection.settings_dict["NAME"])
    if ":memory:" in name or "mode=memory" in name:
        pytest.skip("this run's database is in memory")
    run(erase_person(desk.dasha, desk.person, reason="asked"))
    dispatch_pending()
    erasing.scrub()
    for ending in ("", "-wal"):
        try:
            with open(name + ending, "rb") as stream:
                content = stream.read().decode("utf-8", "replace").casefold()
        except FileNotFoundError:
            continue
        assert [needle for needle in NEEDLES if needle in content] == [], ending


def test_the_skeleton_stays_and_other_peoples_words_too(desk: Desk) -> None:
    before = Ticket.objects.get(pk=desk.ticket.pk)
    run(erase_person(desk.dasha, desk.person, reason="asked"))
    after = Ticket.objects.get(pk=desk.ticket.pk)
    for name in ("number", "status_id", "created_at", "message_count", "team_id", "brand_id"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.subject, after.snippet, after.requester_identity) == ("", "", None)
    assert after.messages.count() == before.messages.count()
    other = Ticket.objects.get(pk=desk.other.pk)
    assert other.subject == "The boiler"
    said = list(MessageBody.objects.filter(message__ticket=other).values_list("text", flat=True))
    assert "Ask […], […], […]" in said
    assert "As […] wrote" in said
    assert EventRow.objects.filter(name="person.erased", person_id=desk.person.pk).count() == 1


def test_who_is_erased_and_writes_again_is_somebody_new(desk: Desk) -> None:
    erasure = erase_person(desk.dasha, desk.person, reason="asked")
    # Who is blocked stays out until the erasure takes that too.
    assert take_in(desk.mailbox, make_inbound(ADDRESS)).disposition is Disposition.REJECTED
    unblock_sender(desk.dasha, BlockedSender.objects.get(pattern=ADDRESS))
    again = make_inbound(
        ADDRESS,
        "Hello again",
        name="Aurelia",
        references=("one@feathers.example",),
        ticket_hint=desk.ticket.number,
    )
    result = take_in(desk.mailbox, again)
    dispatch_pending()
    assert result.disposition is Disposition.OPENED
    ticket = Ticket.objects.get(number=result.ticket)
    assert ticket.requester_id != desk.person.pk
    run(erasure)  # what came after the erasure began is the new person's
    ticket.refresh_from_db()
    assert ticket.subject == "No hot water"
    assert ticket.messages.earliest("id").body.text == "Hello again"
    assert ticket.requester.identities.get().value == ADDRESS
    waiting = DeliveryRecipient.objects.filter(address=ADDRESS, delivery__ticket_id=ticket.pk)
    assert waiting.exists()  # the acknowledgement


def test_a_message_that_was_being_taken_in_meanwhile_is_found_by_the_second_look(
    desk: Desk,
) -> None:
    """Its intake had read the identity before it was emptied and commits after the first look."""
    identity = desk.person.identities.select_related("person").get(kind="email")
    erasure = erase_person(desk.dasha, desk.person, reason="asked")
    erase(erasure_id=erasure.pk)
    late = actions.open_ticket(
        SYSTEM,
        subject=f"{NAME} once more",
        words=written_by_hand(text=SECRET),
        requester=identity.person,
        identity=None,
        brand=desk.mailbox.brand,
        channel="email",
    ).ticket
    assert identity.value == ADDRESS
    actions.receive_message(
        SYSTEM,
        desk.other.threads.get(is_main=True),
        words=written_by_hand(text=SECRET),
        author=identity.person,
        identity=None,
    )
    dispatch_pending()
    assert traces_left() != []
    assert Erasure.objects.get().state == ErasureState.CHECKING
    erase(erasure_id=erasure.pk, is_last=True)
    dispatch_pending()
    erasing.scrub()
    assert traces_left() == []
    assert Ticket.objects.get(pk=late.pk).subject == ""
    assert Erasure.objects.get().state == ErasureState.DONE


def test_an_erasure_that_was_stopped_goes_on_and_repeats_without_harm(desk: Desk) -> None:
    erasure = erase_person(desk.dasha, desk.person, reason="asked")
    broken: list[str] = []

    def fails(traces: Traces) -> None:
        if not broken:
            broken.append("once")
            raise RuntimeError("killed here")

    erasing.register_eraser("test.fails", fails, order=150)
    try:
        with pytest.raises(RuntimeError):
            erase(erasure_id=erasure.pk)
        run(erasure)
        run(erasure)
    finally:
        del erasing._erasers["test.fails"]
    dispatch_pending()
    erasing.scrub()
    assert traces_left() == []
    assert Erasure.objects.get().sealed == ""


def test_what_was_to_be_sent_to_them_is_not_sent(desk: Desk) -> None:
    waiting = Delivery.objects.filter(recipients__address=ADDRESS, status=Status.QUEUED)
    assert waiting.exists()
    ids = list(waiting.values_list("pk", flat=True))
    run(erase_person(desk.dasha, desk.person, reason="asked"))
    assert set(Delivery.objects.filter(pk__in=ids).values_list("status", flat=True)) == {
        Status.CANCELLED
    }


def test_a_backup_from_before_brings_nobody_back(desk: Desk) -> None:
    run(erase_person(desk.dasha, desk.person, reason="unneeded"))
    lines = tombstones.path().read_text().splitlines()
    assert [json.loads(line)["person"] for line in lines] == [desk.person.pk]
    assert not any(needle in lines[0].casefold() for needle in NEEDLES)
    # The restored database: the same person with address and words, and no tombstone.
    Erasure.objects.all().delete()
    Person.objects.filter(pk=desk.person.pk).update(name=NAME, erased_at=None)
    Identity.objects.create(person_id=desk.person.pk, kind="email", value=ADDRESS)
    Ticket.objects.filter(pk=desk.ticket.pk).update(subject=SECRET, texts_erased_at=None)
    assert "1" in tombstones.erase_again()
    dispatch_pending()
    erasing.scrub()
    assert traces_left() == []
    assert tombstones.erase_again() == ""


def test_after_a_restore_another_person_with_the_same_id_is_left_alone(desk: Desk) -> None:
    run(erase_person(desk.dasha, desk.person, reason="asked"))
    Person.objects.filter(pk=desk.person.pk).update(
        name="Somebody Else", erased_at=None, created_at=timezone.now() + timedelta(days=3)
    )
    tombstones.erase_again()
    assert Person.objects.get(pk=desk.person.pk).name == "Somebody Else"


def test_who_may_not_is_refused_and_a_hold_stops_everybody(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        erase_person(desk.marina, desk.person, reason="asked")
    with pytest.raises(Forbidden):
        place_person_hold(desk.marina, desk.person)
    with pytest.raises(Invalid):
        erase_person(desk.dasha, desk.person, reason="because")
    place_person_hold(desk.dasha, desk.person)
    with pytest.raises(Conflict):
        erase_person(desk.dasha, desk.person, reason="asked")
    lift_person_hold(desk.dasha, desk.person)
    actions.place_ticket_hold(desk.dasha, desk.ticket)
    with pytest.raises(Conflict):
        erase_person(desk.dasha, desk.person, reason="asked")
    actions.lift_ticket_hold(desk.dasha, desk.ticket)
    erase_person(desk.dasha, desk.person, reason="asked")
    with pytest.raises(Conflict):
        erase_person(desk.dasha, desk.person, reason="asked")


def test_nothing_is_written_to_who_was_erased(desk: Desk) -> None:
    run(erase_person(desk.dasha, desk.person, reason="asked"))
    with pytest.raises(Conflict):
        add_identity(desk.dasha, desk.person, kind="email", value=ADDRESS)
    with pytest.raises(Conflict):
        change_person(desk.dasha, desk.person, name=NAME)


def test_an_agent_is_erased_only_once_let_go_and_their_letters_stay(desk: Desk) -> None:
    agent = make_agent("Ilya Longname", "ilya@desk.example")
    actions.reply_to_ticket(
        actor_of(agent),
        desk.other,
        words=written_by_hand(text="The boiler is mended"),
        recipients=Recipients(to=[desk.olga.identities.get()]),
    )
    with pytest.raises(Conflict):
        erase_person(desk.dasha, agent.person, reason="asked")
    deactivate_agent(SYSTEM, agent)
    run(erase_person(desk.dasha, agent.person, reason="asked"))
    assert not User.objects.filter(email="ilya@desk.example").exists()
    said = Message.objects.get(author=agent.person, kind="public")
    assert said.body.text == "The boiler is mended"


def test_quarantine_of_somebody_else_and_their_addresses_stay(desk: Desk) -> None:
    quarantine("email", b"From: joan@elsewhere.example", account=None, reason="odd")
    longer = make_customer("Joan", f"my{ADDRESS}")
    ticket = make_ticket(longer, "Mine", f"I am my{ADDRESS}")
    dispatch_pending()
    run(erase_person(desk.dasha, desk.person, reason="asked"))
    assert Quarantined.objects.count() == 1
    assert ticket.messages.earliest("id").body.text == f"I am my{ADDRESS}"
