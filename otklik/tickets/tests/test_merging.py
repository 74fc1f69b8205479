"""Several tickets become one and are several again; nothing is lost or shown to others."""

from __future__ import annotations

import pytest

from otklik.core.access import Conflict, Forbidden, Invalid, Missing
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.models import Operation
from otklik.people.models import Agent, Person
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.tickets.actions import (
    add_note,
    change_status,
    follow_ticket,
    merge_tickets,
    reply_to_ticket,
    save_draft,
    solve_ticket,
    tag_ticket,
    trash_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.columns import LIST_COLUMNS, compute_columns
from otklik.tickets.contract import Recipients
from otklik.tickets.homes import main_thread, readable_by_customer
from otklik.tickets.models import Draft, Follower, Message, Thread, Ticket, TicketTag
from otklik.tickets.queries import (
    Filters,
    get_timeline,
    list_messages,
    list_tickets,
    propose_recipients,
)
from otklik.tickets.tests.factories import identity_of, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def olga() -> Person:
    return make_customer("Olga Nesterova")


@pytest.fixture
def alexey() -> Person:
    return make_customer("Alexey Gromov")


def said(ticket: Ticket) -> list[str]:
    rows = Message.objects.filter(ticket=ticket).select_related("body").order_by("id")
    return [row.body.text for row in rows]


def writes(ticket: Ticket, person: Person, text: str) -> Message:
    from otklik.core.access import SYSTEM
    from otklik.tickets.actions import receive_message

    return receive_message(
        SYSTEM,
        main_thread(ticket),
        words=written_by_hand(text=text),
        author=person,
        identity=identity_of(person),
    )


def anew(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("status", "merged_into__status").get(pk=ticket.pk)


def assert_columns_right(*tickets: Ticket) -> None:
    for ticket in map(anew, tickets):
        assert {name: getattr(ticket, name) for name in LIST_COLUMNS} == compute_columns(ticket)


def test_one_persons_tickets_become_one_and_are_two_again_after_all_that_came(
    marina: Agent, olga: Person
) -> None:
    me = actor_of(marina)
    stays, goes = make_ticket(olga, text="It is cold."), make_ticket(olga, text="Still cold.")
    tag_ticket(me, goes, "heating")
    follow_ticket(me, goes, marina.person)
    operation = merge_tickets(me, stays, [goes])
    assert said(stays) == ["It is cold.", "Still cold."]
    assert said(goes) == []
    assert TicketTag.objects.filter(ticket=stays, tag__key="heating").exists()
    assert Follower.objects.filter(ticket=stays, person=marina.person).exists()
    assert list(list_tickets(me, Filters(list="all"))) == [stays]
    assert_columns_right(stays, goes)
    with pytest.raises(Conflict, match=str(stays.number)):
        solve_ticket(me, goes)
    # A letter with the old number or token is said in the old one's thread, inside the target.
    writes(goes, olga, "And now it leaks.")
    assert said(stays)[-1] == "And now it leaks."
    add_note(me, stays, words=written_by_hand(text="She is angry."))
    change_status(me, stays, "pending")
    assert_columns_right(stays, goes)

    undo_operation(me, operation)
    assert said(stays) == ["It is cold.", "She is angry."]
    assert said(goes) == ["Still cold.", "And now it leaks."]
    assert anew(stays).status_kind == "pending"
    assert anew(goes).merged_into_id is None
    assert anew(goes).is_unfinished
    assert anew(goes).waiting_since is not None
    assert not TicketTag.objects.filter(ticket=stays).exists()
    assert TicketTag.objects.filter(ticket=goes, tag__key="heating").exists()
    assert not Follower.objects.filter(ticket=stays).exists()
    assert not Thread.objects.filter(came_from__isnull=False).exists()
    assert main_thread(anew(goes)).is_main
    assert_columns_right(stays, goes)
    names = [entry.event.name for entry in get_timeline(me, stays).entries if entry.event]
    assert names.count("ticket.absorbed") == names.count("ticket.released") == 1
    undo_operation(me, operation)  # a second time changes nothing
    assert said(goes) == ["Still cold.", "And now it leaks."]


def test_across_customers_it_asks_first_and_nobody_sees_the_others_talk(
    marina: Agent, olga: Person, alexey: Person
) -> None:
    me = actor_of(marina)
    hers, his = make_ticket(olga, text="Mine is cold."), make_ticket(alexey, text="Ours too.")
    with pytest.raises(Conflict) as caught:
        merge_tickets(me, hers, [his])
    assert caught.value.code == "other_customer"
    assert anew(his).merged_into_id is None
    operation = merge_tickets(me, hers, [his], across_customers=True)

    def read(person: Person, ticket: Ticket) -> list[str]:
        return [row.body.text for row in list_messages(actor_of(person), anew(ticket))]

    assert read(olga, hers) == ["Mine is cold."]
    assert read(alexey, his) == ["Ours too."]
    assert read(olga, his) == []
    assert read(alexey, hers) == ["Ours too."]  # his own alone; her page is a 404 to him
    assert not Ticket.objects.visible_to(actor_of(alexey)).filter(pk=hers.pk).exists()
    assert {row.body.text for row in readable_by_customer(actor_of(olga))} == {"Mine is cold."}

    # He wrote last: the answer is proposed to him alone, and said in his talk.
    writes(his, alexey, "Anybody?")
    assert read(olga, hers) == ["Mine is cold."]
    to = propose_recipients(anew(hers)).to
    assert [identity.person for identity in to] == [alexey]
    answer = reply_to_ticket(
        me, hers, words=written_by_hand(text="Tomorrow."), recipients=Recipients(to=to)
    )
    assert answer.thread.came_from == his
    other = reply_to_ticket(
        me,
        hers,
        words=written_by_hand(text="On Monday."),
        recipients=Recipients(to=[identity_of(olga)]),
    )
    assert other.thread.is_main
    assert read(olga, hers) == ["Mine is cold.", "On Monday."]
    assert read(alexey, his) == ["Ours too.", "Anybody?", "Tomorrow."]
    with pytest.raises(Missing):
        solve_ticket(actor_of(alexey), hers)
    with pytest.raises(Conflict):
        solve_ticket(actor_of(alexey), his)
    assert_columns_right(hers, his)

    undo_operation(me, operation)
    assert said(hers) == ["Mine is cold.", "On Monday."]
    assert said(his) == ["Ours too.", "Anybody?", "Tomorrow."]
    assert_columns_right(hers, his)


def test_a_merge_on_top_is_undone_first_and_whoever_waits_is_open_again(
    marina: Agent, olga: Person
) -> None:
    me = actor_of(marina)
    first, second, third = (make_ticket(olga, text=f"Letter {n}.") for n in (1, 2, 3))
    change_status(me, first, "solved")
    inner = merge_tickets(me, second, [first])
    outer = merge_tickets(me, third, [second])
    assert anew(first).merged_into == third
    writes(first, olga, "One more thing.")
    assert said(third) == ["Letter 1.", "Letter 2.", "Letter 3.", "One more thing."]
    with pytest.raises(Conflict, match=rf"№ {second.number} .* № {third.number}") as caught:
        undo_operation(me, inner)
    assert caught.value.code == "merged_again"
    undo_operation(me, outer)
    assert said(second) == ["Letter 1.", "Letter 2.", "One more thing."]
    assert anew(first).merged_into == second
    undo_operation(me, inner)
    assert said(first) == ["Letter 1.", "One more thing."]
    assert anew(first).status_kind == "open"  # it was solved, and its customer wrote since
    assert_columns_right(first, second, third)


def test_several_merges_into_one_are_undone_in_any_order(marina: Agent, olga: Person) -> None:
    me = actor_of(marina)
    stays, one, two = (make_ticket(olga, text=f"Letter {n}.") for n in (1, 2, 3))
    before = merge_tickets(me, stays, [one])
    after = merge_tickets(me, stays, [two])
    undo_operation(me, before)
    assert (said(stays), said(one)) == (["Letter 1.", "Letter 3."], ["Letter 2."])
    undo_operation(me, after)
    assert (said(stays), said(two)) == (["Letter 1."], ["Letter 3."])
    assert_columns_right(stays, one, two)


def test_unsent_words_go_along_and_none_are_lost_where_two_meet(
    marina: Agent, olga: Person
) -> None:
    me, ilya = actor_of(marina), actor_of(make_agent("Ilya"))
    stays, goes = make_ticket(olga), make_ticket(olga)
    save_draft(me, goes, kind="public", html="<p>Hers</p>")
    save_draft(ilya, stays, kind="public", html="<p>There</p>")
    save_draft(ilya, goes, kind="public", html="<p>Here</p>")
    operation = merge_tickets(me, stays, [goes])
    texts = dict(Draft.objects.filter(ticket=stays).values_list("author__name", "html"))
    assert texts == {"Marina": "<p>Hers</p>", "Ilya": "<p>There</p><p></p><p>Here</p>"}
    undo_operation(me, operation)
    back = dict(Draft.objects.filter(ticket=goes).values_list("author__name", "html"))
    assert back == {"Marina": "<p>Hers</p>", "Ilya": "<p>Here</p>"}


def test_what_cannot_be_merged_is_refused_in_words(
    marina: Agent, olga: Person, alexey: Person
) -> None:
    me = actor_of(marina)
    stays, goes = make_ticket(olga), make_ticket(olga)
    with pytest.raises(Forbidden):
        merge_tickets(actor_of(olga), stays, [goes])
    with pytest.raises(Invalid):
        merge_tickets(me, stays, [stays])
    with pytest.raises(Invalid):
        merge_tickets(me, stays, [])
    trash_ticket(me, goes)
    with pytest.raises(Conflict):
        merge_tickets(me, stays, [goes])
    assert not Operation.objects.filter(name="tickets.merge").exists()
    third = make_ticket(olga)
    operation = merge_tickets(me, stays, [third])
    with pytest.raises(Conflict):
        merge_tickets(me, third, [make_ticket(olga)])
    with pytest.raises(Forbidden):
        undo_operation(actor_of(make_agent("Ilya")), operation)
