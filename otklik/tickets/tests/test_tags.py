"""Tags without twins: found by spelling, merged and removed with a way back."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.db import briefly
from otklik.core.jobs.models import Job
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.tickets.actions import set_tags, tag_ticket
from otklik.tickets.actions.tag_merging import merge_tags, remove_tag, rename_tag
from otklik.tickets.models import Tag, Ticket, TicketTag
from otklik.tickets.queries import Filters, get_page
from otklik.tickets.queries.single import tags_of
from otklik.tickets.tag_tasks import move_tags
from otklik.tickets.tests.factories import make_ticket
from otklik.tickets.twins import find_near

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def names(ticket: Ticket) -> list[str]:
    return sorted(tag.name for tag in tags_of(ticket.pk))


def run_jobs() -> None:
    for job in Job.objects.filter(name="tickets.move_tags"):
        move_tags(**job.arguments)
        job.delete()


def test_one_word_spelt_twice_is_one_tag_and_what_is_likely_meant_is_found() -> None:
    ticket = make_ticket(make_customer())
    first = tag_ticket(SYSTEM, ticket, "Чёрный список")
    briefly.forget()
    for same in ("черный СПИСОК", "чёрный-список", "чёрныйсписок", "#чёрный  список"):
        assert tag_ticket(SYSTEM, ticket, same) == first
    for word in ("принтер", "1-2"):
        tag_ticket(SYSTEM, ticket, word)
    briefly.forget()
    for meant in ("прнитер", "принтр", "принтер2", "ghbynth"):
        assert [tag.name for tag in find_near(meant)] == ["принтер"], meant
    assert find_near("сканер") == []
    assert tag_ticket(SYSTEM, ticket, "12").name == "12"


def test_a_merge_moves_every_ticket_in_steps_and_is_taken_back_whole() -> None:
    dasha, olga = actor_of(make_administrator()), make_customer()
    tickets = [make_ticket(olga, f"Ticket {number}") for number in range(3)]
    for ticket in tickets[:2]:
        tag_ticket(SYSTEM, ticket, "printer")
    for ticket in tickets[1:]:
        tag_ticket(SYSTEM, ticket, "принтер")
    english, russian = Tag.objects.get(key="printer"), Tag.objects.get(key="принтер")
    with pytest.raises(Forbidden):
        merge_tags(actor_of(make_agent("Marina")), english, russian)
    with pytest.raises(Invalid):
        merge_tags(dasha, english, english)
    merge_tags(dasha, english, russian)
    run_jobs()
    run_jobs()
    assert [names(ticket) for ticket in tickets] == [["принтер"]] * 3
    assert len(get_page(SYSTEM, Filters(tag="принтер")).tickets) == 3
    assert tag_ticket(SYSTEM, tickets[0], "Printer") == russian  # another spelling now
    set_tags(SYSTEM, tickets[1], ["принтер", "new"])
    with pytest.raises(Invalid):
        merge_tags(dasha, english, russian)
    undo_operation(dasha, find_last_operation(dasha))
    run_jobs()
    briefly.forget()
    assert [names(ticket) for ticket in tickets] == [
        ["printer"],
        ["new", "printer", "принтер"],
        ["принтер"],
    ]
    assert not TicketTag.objects.filter(merged_from__isnull=False).exists()


def test_a_removed_tag_is_gone_everywhere_and_comes_back() -> None:
    dasha = actor_of(make_administrator())
    ticket, other = make_ticket(make_customer()), make_ticket(make_customer("Alexey Gromov"))
    tag = tag_ticket(SYSTEM, ticket, "visit")
    remove_tag(dasha, tag)
    assert names(ticket) == []
    assert not Tag.objects.exists()
    undo_operation(dasha, find_last_operation(dasha))
    assert names(ticket) == ["visit"]
    remove_tag(dasha, tag)
    anew = tag_ticket(SYSTEM, other, "visit")
    assert anew != tag
    assert names(ticket) == []
    with pytest.raises(Conflict):
        undo_operation(dasha, find_last_operation(dasha))
    with pytest.raises(Invalid):
        rename_tag(dasha, tag_ticket(SYSTEM, other, "call"), "Visit")
    rename_tag(dasha, anew, "On site")
    undo_operation(dasha, find_last_operation(dasha))
    assert Tag.objects.get(pk=anew.pk).name == "visit"
