"""Macros: written, foreseen, run on one ticket or many, taken back; honest on what is gone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from otklik.core.access import Conflict, Forbidden, Invalid
from otklik.core.operations.actions import undo_operation
from otklik.core.vocabulary import list_effects
from otklik.people import roles
from otklik.people.models import Agent, Team
from otklik.people.tests.factories import actor_of, make_agent
from otklik.tickets.actions import trash_ticket
from otklik.tickets.bulk.running import run_bulk
from otklik.tickets.effects import clean_steps, foresee
from otklik.tickets.models import BulkAct, Message, Ticket, TicketTag
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import change_macro, create_macro, remove_macro, run_macro
from otklik.workspace.models import Macro
from otklik.workspace.queries.macros import list_macros, steps_in_words

pytestmark = [pytest.mark.django_db, pytest.mark.data]

STEPS: list[dict[str, Any]] = [
    {"effect": "ticket.set_status", "params": {"status": "pending"}},
    {"effect": "ticket.set_priority", "params": {"priority": 30}},
    {"effect": "ticket.take"},
    {"effect": "ticket.tag", "params": {"tag": "heating"}},
    {"effect": "ticket.note", "params": {"text": "№ {{ticket.number}} waits for parts."}},
]
FRAGMENT = {"headers": {"HX-Request": "true"}}


def macro_of(cast: SimpleNamespace, **more: Any) -> Macro:
    return create_macro(cast.actor, name="Waits for parts", steps=STEPS, hint="No stock", **more)


def test_a_macro_is_foreseen_run_as_one_and_taken_back_but_for_what_was_written(
    cast: SimpleNamespace,
) -> None:
    macro = macro_of(cast)
    told = foresee(cast.actor, cast.ticket, clean_steps(macro.steps))
    shown = [(one.label, one.old, one.new) for one in told]
    assert shown[:4] == [
        ("Status", "New", "Waiting for customer"),
        ("Priority", "Normal", "High"),
        ("Assignee", "Nobody", "Marina Kostina"),
        ("Add a tag", "", "heating"),
    ]
    assert told[4].text == f"№ {cast.ticket.number} waits for parts."
    assert not told[4].is_reversible
    assert not TicketTag.objects.exists()  # foreseeing changes nothing
    operation = run_macro(cast.actor, macro, cast.ticket)
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert (ticket.status_kind, ticket.priority, ticket.assignee) == ("pending", 30, cast.marina)
    macro.refresh_from_db()
    assert macro.uses == 1
    undo_operation(cast.actor, operation)
    ticket.refresh_from_db()
    assert (ticket.status_kind, ticket.priority, ticket.assignee) == ("new", 20, None)
    assert not TicketTag.objects.exists()
    assert Message.objects.filter(ticket=ticket, kind="note").count() == 1


def test_every_effect_is_told_in_words_and_checks_what_it_is_given(cast: SimpleNamespace) -> None:
    for effect in list_effects("ticket"):
        words = steps_in_words([{"effect": effect.name, "params": {"nonsense": 1}}])
        assert words[0].problem
    reply = [{"effect": "ticket.reply", "params": {"text": "Dear {{person.first_name|you}}"}}]
    told = foresee(cast.actor, cast.ticket, clean_steps(reply))
    assert told[0].text == "Dear Olga"
    run_macro(cast.actor, create_macro(cast.actor, name="Greet", steps=reply), cast.ticket)
    sent = Message.objects.get(ticket=cast.ticket, direction="out")
    assert sent.body.text == "Dear Olga"


def test_what_it_names_and_is_gone_is_said_before_and_nothing_is_half_done(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    ilya = [*STEPS[:1], {"effect": "ticket.assign", "params": {"agent": cast.ilya.pk}}]
    macro = create_macro(cast.actor, name="To Ilya", steps=ilya)
    Agent.objects.filter(pk=cast.ilya.pk).update(is_active=False)
    with pytest.raises(Invalid, match="Assign"):
        run_macro(cast.actor, macro, cast.ticket)
    shown = at_desk.get(reverse("workspace:macro", args=[cast.ticket.number, macro.pk]))
    assert "names something that is there no longer" in shown.content.decode()
    assert "needs mending" in at_desk.get(reverse("settings_screens:own_macros")).content.decode()
    trash = macro_of(cast)
    trash_ticket(cast.actor, cast.ticket)
    with pytest.raises(Forbidden):
        run_macro(cast.actor, trash, cast.ticket)
    assert not TicketTag.objects.exists()


def test_one_sees_ones_own_the_teams_and_everybodys(cast: SimpleNamespace) -> None:
    mine = macro_of(cast)
    with pytest.raises(Forbidden):
        macro_of(cast, scope="shared")
    dasha = actor_of(make_agent("Dasha", roles_held=[roles.ADMINISTRATOR]))
    shared = create_macro(dasha, name="For all", steps=STEPS, scope="shared")
    other = Team.objects.create(name="Sales")
    create_macro(dasha, name="For sales", steps=STEPS, scope="team", team=other)
    assert {one.name for one in list_macros(cast.actor)} == {"Waits for parts", "For all"}
    assert list_macros(cast.actor, "PARTS stock") == [mine]
    assert list_macros(actor_of(cast.olga)) == []
    with pytest.raises(Forbidden):
        change_macro(cast.actor, shared, name="Mine now")
    seen = mine.version
    change_macro(cast.actor, mine, name="Parts")
    with pytest.raises(Conflict):
        change_macro(cast.actor, mine, name="Other", version=seen)
    remove_macro(cast.actor, mine)
    assert list_macros(cast.actor) == [shared]


def test_a_macro_is_run_on_the_ticket_page_and_undone(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    macro = macro_of(cast)
    number = cast.ticket.number
    picked = at_desk.get(reverse("workspace:macros", args=[number]), **FRAGMENT).content.decode()
    assert reverse("workspace:macro", args=[number, macro.pk]) in picked
    shown = at_desk.get(reverse("workspace:macro", args=[number, macro.pk]), **FRAGMENT)
    assert "cannot be undone" in shown.content.decode()
    done = at_desk.post(reverse("workspace:run_macro", args=[number, macro.pk]), **FRAGMENT)
    undo = done.headers["HX-Trigger"].split('"undo": "')[1].split('"')[0]
    cast.ticket.refresh_from_db()
    assert cast.ticket.priority == 30
    at_desk.post(undo, **FRAGMENT)
    cast.ticket.refresh_from_db()
    assert cast.ticket.priority == 20
    gone = at_desk.get(reverse("workspace:macro", args=[number, 999_999]))
    assert gone.status_code == 404


def test_a_macro_goes_over_few_at_once_and_over_many_in_the_background(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    macro = macro_of(cast)
    address = reverse("workspace:macro_many")
    few = [cast.ticket.pk, make_ticket(cast.alexey).pk]
    assert "Waits for parts" in at_desk.get(address, {"tickets": few}).content.decode()
    told = at_desk.get(address, {"tickets": few, "macro": macro.pk}).content.decode()
    assert "Set priority: High" in told
    assert at_desk.post(address, {"tickets": few, "macro": macro.pk}).status_code == 302
    assert Ticket.objects.filter(priority=30).count() == 2
    for _number in range(21):
        make_ticket(cast.alexey)
    given = {"whole": "list=all", "macro": macro.pk}
    begun = at_desk.post(address, given)
    act = BulkAct.objects.get()
    assert begun.headers["Location"] == reverse("workspace:bulk_act", args=[act.pk])
    run_bulk(act_id=act.pk)
    act.refresh_from_db()
    assert (act.title, act.total, act.failed) == ("Waits for parts", 23, 0)
    assert Ticket.objects.filter(priority=30).count() == 23
    assert macro.__class__.objects.get(pk=macro.pk).uses == 25


def test_a_macro_is_written_step_by_step_without_a_script(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    new = reverse("settings_screens:own_new_macro")
    assert at_desk.get(new).status_code == 200
    typed = {"name": "Spam again", "hint": "", "add": "ticket.tag", "move": "add"}
    shown = at_desk.post(new, typed).content.decode()
    assert 'name="step-0-tag"' in shown
    assert 'value="Spam again"' in shown
    assert not Macro.objects.exists()
    steps = {
        "step-0-effect": "ticket.tag",
        "step-0-tag": "again",
        "step-1-effect": "ticket.mark_spam",
    }
    empty = at_desk.post(new, {"name": "Spam again", **steps, "step-0-tag": "", "save": "1"})
    assert empty.status_code == 422
    moved = at_desk.post(new, {"name": "Spam again", **steps, "move": "down-0"})
    assert 'name="step-1-tag"' in moved.content.decode()
    assert at_desk.post(new, {"name": "Spam again", **steps, "save": "1"}).status_code == 302
    macro = Macro.objects.get()
    assert macro.steps == [
        {"effect": "ticket.tag", "params": {"tag": "again"}},
        {"effect": "ticket.mark_spam", "params": {}},
    ]
    here = reverse("settings_screens:own_macro", args=[macro.pk])
    assert 'value="again"' in at_desk.get(here).content.decode()
    nothing = at_desk.post(new, {"name": "Nothing", "save": "1"})
    assert nothing.status_code == 422
    dropped = at_desk.post(reverse("settings_screens:drop_macro", args=[macro.pk]))
    assert dropped.status_code == 302
    assert at_desk.get(here).status_code == 404
