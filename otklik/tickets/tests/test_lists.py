"""Lists: which tickets, in which order, found by which words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core import files
from otklik.core.access import SYSTEM, Invalid
from otklik.core.events.dispatcher import dispatch_pending
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
