"""All talk with one person: over all tickets, newest first, what one may see and no more."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.core.access import SYSTEM, Invalid
from otklik.people.actions import create_role
from otklik.people.models import Person
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team
from otklik.tickets.actions import add_note, reply_to_ticket, trash_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, MessageBody, Ticket
from otklik.tickets.queries import talk_of_person
from otklik.tickets.queries.talk_of_person import Asked, get_talk_of_person
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def texts(talk) -> list[str]:
    return [row.body.text for row in talk.messages]


def all_of(actor, person: Person, size: int) -> list[str]:
    found, cursor = [], ""
    while True:
        talk = get_talk_of_person(actor, person.pk, Asked(), cursor=cursor, size=size)
        found += texts(talk)
        cursor = talk.next
        if not cursor:
            return found


def test_pages_filters_and_words_over_several_tickets(monkeypatch) -> None:
    marina = actor_of(make_agent())
    olga, alexey = make_customer(), make_customer("Alexey Gromov")
    make_ticket(alexey, text="Not hers")
    first = make_ticket(olga, "Boiler", text="The pumps are loud")
    second = make_ticket(olga, "Grinder", text="It screams", channel="web")
    add_note(marina, first, words=written_by_hand(text="She is a VIP"))
    to = Recipients(to=[first.requester_identity])
    reply_to_ticket(marina, first, words=written_by_hand(text="We come at nine"), recipients=to)
    customer_writes(second, "Still screaming")
    hers = ["Still screaming", "We come at nine", "She is a VIP"]
    hers += ["It screams", "The pumps are loud"]
    assert all_of(marina, olga, 2) == hers
    assert all_of(marina, olga, 50) == hers
    monkeypatch.setattr(talk_of_person, "BLOCK_TICKETS", 1)
    blocks = all_of(marina, olga, 2)  # the newest ticket first, then the one before
    assert blocks == [hers[0], hers[3], hers[1], hers[2], hers[4]]
    monkeypatch.undo()

    def asked(**what) -> list[str]:
        return texts(get_talk_of_person(marina, olga.pk, Asked(**what)))

    assert asked(what="note") == ["She is a VIP"]
    assert asked(what="out") == ["We come at nine"]
    assert asked(what="in") == [hers[0], hers[3], hers[4]]
    assert asked(ticket_id=second.pk) == [hers[0], hers[3]]
    assert asked(channel="web") == [hers[0], hers[3]]
    assert asked(words="pump loud") == ["The pumps are loud"]
    assert asked(words="pump screams") == []
    for wrong in ("nonsense", "W10=", "WzEsMiwzXQ==", "é"):
        with pytest.raises(Invalid):
            get_talk_of_person(marina, olga.pk, Asked(), cursor=wrong)
    with pytest.raises(Invalid):
        Asked(what="everything")
    trash_ticket(SYSTEM, second)
    assert asked() == [hers[1], hers[2], hers[4]]


def test_a_customer_sees_no_notes_and_an_agent_of_another_team_nothing() -> None:
    marina = actor_of(make_agent())
    create_role(SYSTEM, name="Own team", permissions=["tickets.view_team", "people.view"])
    narrow = actor_of(make_agent("Ilya", roles_held=[_role()]))
    olga = make_customer()
    ticket = make_ticket(olga, text="Cold", team=make_team("Another"))
    add_note(marina, ticket, words=written_by_hand(text="For us"))
    assert all_of(marina, olga, 9) == ["For us", "Cold"]
    assert all_of(actor_of(olga), olga, 9) == ["Cold"]
    assert all_of(narrow, olga, 9) == []
    assert all_of(actor_of(make_customer("Mallory")), olga, 9) == []


def test_ten_thousand_messages_cost_few_questions_that_walk_no_table() -> None:
    olga, marina = make_customer(), actor_of(make_agent())
    tickets = [make_ticket(olga, f"Number {n}") for n in range(4)]
    for ticket in tickets:
        _many(ticket, 300)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        talk = get_talk_of_person(marina, olga.pk, Asked())
    assert len(talk.messages) == talk_of_person.PAGE
    assert len(asked) <= 4
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for query in asked.captured_queries:
        plan = _plan(query["sql"])
        assert "SCAN tickets_message" not in plan.replace("tickets_messagebody", "")
        assert "Seq Scan on tickets_message" not in plan or connection.vendor == "postgresql"


def _role() -> str:
    from otklik.people.models import Role

    return Role.objects.get(name="Own team").code


def _many(ticket: Ticket, count: int) -> None:
    thread = ticket.threads.get(is_main=True)
    rows = Message.objects.bulk_create(
        Message(ticket=ticket, thread=thread, direction="in", author_kind="customer",
                author_id=ticket.requester_id, channel="email")
        for _number in range(count)
    )  # fmt: skip
    MessageBody.objects.bulk_create(MessageBody(message=row, text="More") for row in rows)
    Ticket.objects.filter(pk=ticket.pk).update(message_count=count)


def _plan(sql: str) -> str:
    words = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(words + sql.replace("%", "%%"))
        return "\n".join(str(row) for row in cursor.fetchall())
