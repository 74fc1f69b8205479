"""Lists: which tickets, in which order, found by which words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from otklik.core import files
from otklik.core.access import SYSTEM, Invalid
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.vocabulary.language import read_query
from otklik.people.actions import create_role
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
)
from otklik.tickets.actions import (
    add_note,
    assign_ticket,
    follow_ticket,
    merge_tickets,
    solve_ticket,
    tag_ticket,
    transfer_ticket,
    trash_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import StoredFile
from otklik.tickets.models import Ticket
from otklik.tickets.queries import SORTS, Filters, count_lists, get_page, read_filters
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def subjects(actor, **filters) -> list[str]:  # type: ignore[no-untyped-def]
    return [ticket.subject for ticket in get_page(actor, Filters(**filters)).tickets]


def test_each_list_holds_what_its_name_says() -> None:
    olga, team = make_customer(), make_team()
    marina = make_agent("Marina", teams=[team])
    mine, ours, _free, done, gone, twin = (
        make_ticket(olga, name) for name in ("Mine", "Ours", "Free", "Done", "Gone", "Twin")
    )
    assign_ticket(SYSTEM, mine, marina)
    transfer_ticket(SYSTEM, ours, team)
    assign_ticket(SYSTEM, ours, make_agent("Ilya"))
    solve_ticket(SYSTEM, done)
    trash_ticket(SYSTEM, gone)
    actor = actor_of(marina)
    assign_ticket(SYSTEM, twin, marina)
    merge_tickets(actor, mine, [twin])
    assert subjects(actor, list="mine") == ["Mine"]
    assert subjects(actor, list="unassigned") == ["Free"]
    assert subjects(actor, list="team") == ["Ours"]
    assert subjects(actor, list="all") == ["Mine", "Free", "Ours"]
    assert subjects(actor, list="solved") == ["Done"]
    assert subjects(actor, list="trash") == ["Gone"]
    assert subjects(actor, list="any") == ["Mine", "Done", "Free", "Ours"]
    assert count_lists(actor) == {"mine": 1, "unassigned": 1, "team": 1, "all": 3}


def test_pages_lead_on_and_back_without_a_gap_or_a_twin_even_among_equal_times() -> None:
    olga = make_customer()
    actor = actor_of(make_agent())
    tickets = [make_ticket(olga, f"No {n}") for n in range(11)]
    same = timezone.now() - timedelta(hours=1)
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets[2:9]]).update(
        last_message_at=same
    )
    for sort in (SORTS["newest"], SORTS["oldest"], SORTS["priority"]):
        seen, cursor, pages = [], "", []
        while True:
            page = get_page(actor, Filters(), sort=sort, cursor=cursor, size=4)
            pages.append(page)
            seen += [ticket.pk for ticket in page.tickets]
            cursor = page.next
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 11, sort.code
        back = get_page(actor, Filters(), sort=sort, cursor=pages[-1].previous, size=4)
        assert [t.pk for t in back.tickets] == [t.pk for t in pages[-2].tickets]


def test_words_find_subjects_messages_notes_people_organisations_tags_and_names_of_files() -> None:
    polden = make_organisation("Кофейня «Полдень»")
    olga = make_customer("Ольга Нестерова", "o.nesterova@polden.example", organisation=polden)
    report = StoredFile(files.store_blob(b"%PDF-1.4"), "акт-чистки.pdf", "application/pdf")
    ticket = make_ticket(olga, "Кофемашина не греет воду", "Помпа работает, ошибка E-07")
    add_note(SYSTEM, ticket, words=written_by_hand(text="Термостат меняли в мае", files=[report]))
    tag_ticket(SYSTEM, ticket, "выезд")
    make_ticket(make_customer("Alexey Gromov"), "Invoice for October", "Old company name")
    dispatch_pending()
    marina, alexey = actor_of(make_agent()), make_customer("Alexey Second")
    wanted = "кофемашины", "помпой", "термостаты", "нестеровой", "полдень", "выезды", "акт чистки"
    for words in (*wanted, "e-07", "o.nesterova@polden.example", str(ticket.number)):
        assert ticket.subject in subjects(marina, list="any", q=words), words
    assert subjects(marina, list="any", q="самовар") == []
    assert subjects(actor_of(alexey), list="any", q="кофемашины") == []


def test_filters_that_make_no_sense_are_refused_by_name() -> None:
    for given in ({"list": "yours"}, {"status": "asleep"}, {"team": "x"}, {"priority": "7"}):
        with pytest.raises(Invalid) as caught:
            read_filters(given)
        assert set(caught.value.fields) == set(given)
    assert read_filters({"status": "new,open", "priority": "30,40"}).status == ("new", "open")


def test_who_asks_what_a_colleague_asked_before_is_answered_with_their_own() -> None:
    """Statements are spelt once for all who see every ticket; nobody else's rights are in them."""
    olga, first, second = make_customer(), make_team("First"), make_team("Second")
    own_team = create_role(SYSTEM, name="Own team", permissions=["tickets.view_team"])
    marina, ilya = make_agent("Marina", teams=[first]), make_agent("Ilya", teams=[first, second])
    dasha = make_agent("Dasha")
    narrow = make_agent("Trainee", roles_held=[own_team.code], teams=[second])
    for name, team, agent in (
        *(("Boiler one", first, marina), ("Boiler two", second, ilya)),
        ("Boiler three", first, None),
    ):
        ticket = make_ticket(olga, name)
        transfer_ticket(SYSTEM, ticket, team)
        if agent is not None:
            assign_ticket(SYSTEM, ticket, agent)
            follow_ticket(SYSTEM, ticket, agent.person)
    gone = make_ticket(olga, "Boiler gone")
    trash_ticket(SYSTEM, gone)
    dispatch_pending()
    one, two, three = "Boiler one", "Boiler two", "Boiler three"
    wanted = {
        "mine": ([one], [two], [], []),
        "followed": ([one], [two], [], []),
        "team": ([three, one], [three, two, one], [], [two]),
        "all": ([three, two, one], [three, two, one], [three, two, one], [two]),
        "unassigned": ([three], [three], [three], []),
    }
    for columns in (("number", "subject", "requester__name"), ()):
        for name, lists in wanted.items():
            for agent, expected in zip((marina, ilya, dasha, narrow), lists, strict=True):
                actor = actor_of(agent)
                page = get_page(actor, Filters(list=name), columns=columns)
                assert [ticket.subject for ticket in page.tickets] == expected, (name, agent)
                page = get_page(actor, Filters(list=name, q="boiler"), columns=columns)
                assert sorted(t.subject for t in page.tickets) == sorted(expected), (name, agent)
                assert {ticket.requester.name for ticket in page.tickets} <= {olga.name}
                narrowed = Filters(list=name, q="boiler", requester=olga.pk + 1)
                assert not get_page(actor, narrowed, columns=columns).tickets


def test_a_word_or_a_tag_is_planned_for_itself() -> None:
    """How common it is decides where to begin: a plan for any of them is wrong for most."""
    marina = actor_of(make_agent())
    ticket = make_ticket(make_customer(), "Boiler")
    tag_ticket(SYSTEM, ticket, "steam")
    dispatch_pending()
    for _ in range(8):
        assert subjects(marina, list="any", q="boiler") == ["Boiler"]
        assert subjects(marina, list="all", tag="steam") == ["Boiler"]
        assert subjects(marina, list="all", match=read_query("ticket", "tag:steam").match)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            kept = [row[0] for row in cursor.fetchall()]
        # Rows whose ids are known are read by a plan that is kept.
        by_tag = [each for each in kept if "tickettag" in each and "LIMIT 51" in each]
        assert not by_tag
        assert not [each for each in kept if "@@" in each]
