"""Scripts: questions with branches beside a ticket, whose answers become fields and a text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from otklik.core.access import Conflict, Forbidden, Invalid, Missing
from otklik.core.operations.actions import undo_operation
from otklik.people.tests.factories import actor_of, user_of
from otklik.tickets.models import Draft, Message, Ticket, TicketTag
from otklik.workspace.actions import (
    answer_run,
    begin_run,
    change_script,
    create_script,
    drop_run,
    finish_run,
    step_back,
)
from otklik.workspace.going import way_of
from otklik.workspace.models import Script, ScriptRun

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FRAGMENT = {"headers": {"HX-Request": "true"}}

STEPS: list[dict[str, Any]] = [
    {
        "key": "q1",
        "question": "What does not work?",
        "kind": "choice",
        "options": [{"label": "heating", "next": "q2"}, {"label": "milk", "next": "q3"}],
        "goes": "tag",
    },
    {"key": "q2", "question": "How warm is it?", "kind": "number", "next": "q4"},
    {"key": "q3", "question": "Which hose?", "kind": "text"},
    {
        "key": "q4",
        "question": "Is the shop closed because of it?",
        "kind": "yes_no",
        "options": [{"label": "no", "next": "end"}],
    },
    {"key": "q5", "question": "How urgent?", "kind": "text", "goes": "priority"},
]


def script_of(cast: SimpleNamespace, **more: Any) -> Script:
    return create_script(cast.actor, name="Cold machine", steps=STEPS, **more)


def run_of(cast: SimpleNamespace, *answers: str) -> ScriptRun:
    run = begin_run(cast.actor, script_of(cast), cast.ticket)
    for answer in answers:
        run = answer_run(cast.actor, run, answer)
    return run


def question(run: ScriptRun) -> str | None:
    step = way_of(run.steps, run.answers).step
    return step["key"] if step else None


def test_answers_lead_their_way_a_colleague_goes_on_and_one_undo_takes_the_fields_back(
    cast: SimpleNamespace,
) -> None:
    run = run_of(cast, "heating")
    assert question(run) == "q2"
    with pytest.raises(Invalid, match="no number"):
        answer_run(cast.actor, run, "warm")
    run = answer_run(cast.actor, run, "12,5")
    assert question(run) == "q4"
    ilya = actor_of(cast.ilya)
    assert begin_run(ilya, run.script, cast.ticket) == run  # the colleague finds it there
    seen = run.version
    run = answer_run(ilya, run, "Yes", version=seen)
    with pytest.raises(Conflict):
        answer_run(cast.actor, run, "No", version=seen)
    assert question(run) == "q5"
    with pytest.raises(Invalid, match="open still"):
        finish_run(ilya, run)
    odd = answer_run(ilya, run, "terribly")
    with pytest.raises(Invalid, match="terribly"):
        finish_run(ilya, odd)
    assert not TicketTag.objects.exists()  # nothing half done
    run = answer_run(ilya, step_back(ilya, odd), "Высокий")
    finished = finish_run(ilya, run)
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert (ticket.priority, ticket.tags.get().name) == (30, "heating")
    note = Message.objects.get(ticket=ticket, kind="note")
    assert "How warm is it?\n12.5" in note.body.text
    assert run.script.__class__.objects.get().uses == 1
    undo_operation(ilya, finished.operation)
    ticket.refresh_from_db()
    assert ticket.priority == 20
    assert not TicketTag.objects.exists()
    with pytest.raises(Missing):
        step_back(ilya, run)


def test_another_way_ends_sooner_and_its_text_begins_the_reply(cast: SimpleNamespace) -> None:
    run = run_of(cast, "milk", "the <long> one", "No")
    assert question(run) is None
    change_script(cast.actor, run.script, steps=STEPS[4:])  # who is in it goes on as it was
    finish_run(cast.actor, run, result="reply")
    draft = Draft.objects.get(ticket=cast.ticket, author=cast.marina.person)
    assert "the &lt;long&gt; one" in draft.html
    assert not Message.objects.filter(ticket=cast.ticket, kind="note").exists()


def test_what_makes_no_sense_is_refused_and_others_scripts_are_not_seen(
    cast: SimpleNamespace,
) -> None:
    for steps, words in (
        ([], "question"),
        ([{"key": "q1", "question": "", "kind": "text"}], "Write the question"),
        ([{"key": "q1", "question": "One?", "kind": "choice"}], "two answers"),
        ([STEPS[2], {**STEPS[4], "next": "q3"}], "later questions"),
        ([{**STEPS[2], "goes": "field:gone"}], "no longer"),
        ([STEPS[2], STEPS[2]], "same key"),
    ):
        with pytest.raises(Invalid, match=words):
            create_script(cast.actor, name="Odd", steps=steps)
    with pytest.raises(Forbidden):
        script_of(cast, scope="shared")
    script = script_of(cast)
    assert not Script.objects.visible_to(actor_of(cast.ilya)).exists()
    with pytest.raises(Forbidden):
        change_script(actor_of(cast.ilya), script, name="His")
    with pytest.raises((Forbidden, Missing)):
        begin_run(actor_of(cast.alexey), script, cast.ticket)
    run = begin_run(cast.actor, script, cast.ticket)
    drop_run(cast.actor, run)
    assert not ScriptRun.objects.exists()


def test_a_script_is_gone_through_beside_the_ticket(cast: SimpleNamespace, at_desk: Client) -> None:
    script, number = script_of(cast), cast.ticket.number
    ticket_page = reverse("workspace:ticket", args=[number])
    picked = at_desk.get(reverse("workspace:scripts", args=[number])).content.decode()
    assert "Cold machine" in picked
    at_desk.post(reverse("workspace:begin_script", args=[number]), {"script": script.pk})
    assert "What does not work?" in at_desk.get(ticket_page).content.decode()
    run = ScriptRun.objects.get()
    address = reverse("workspace:script_run", args=[number, run.pk])
    shown = at_desk.post(address, {"answer": "heating", "do": "answer"}, **FRAGMENT)
    assert "How warm is it?" in shown.content.decode()
    wrong = at_desk.post(address, {"answer": "warm"}, **FRAGMENT)
    assert wrong.status_code == 422
    assert "This is no number." in wrong.content.decode()
    at_desk.post(address, {"answer": "12"})
    ilya = Client()
    ilya.force_login(user_of(cast.ilya))
    assert "Is the shop closed" in ilya.get(ticket_page).content.decode()
    ilya.post(address, {"answer": "No"})
    assert "Every question is answered." in at_desk.get(ticket_page).content.decode()
    done = at_desk.post(address, {"do": "note"}, **FRAGMENT)
    assert '"undo"' in done.headers["HX-Trigger"]
    assert Message.objects.filter(ticket=cast.ticket, kind="note").count() == 1
    assert "script-run" not in at_desk.get(ticket_page).content.decode()
    assert at_desk.post(address, {"answer": "No"}).status_code in (302, 404)


def test_a_script_is_written_question_by_question_without_a_script_in_the_page(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    new = reverse("settings_screens:own_new_script")
    shown = at_desk.post(new, {"name": "Cold", "result": "note", "move": "add"}).content.decode()
    assert 'name="q0-question"' in shown
    given = {
        "name": "Cold",
        "result": "note",
        "q0-key": "q1",
        "q0-question": "What is it?",
        "q0-kind": "choice",
        "q0-goes": "tag",
        "q0o0-label": "heating",
        "q0o0-next": "end",
        "q0o1-label": "milk",
        "q1-key": "q2",
        "q1-question": "Which hose?",
        "q1-kind": "text",
    }
    looked = at_desk.post(new, {**given, "move": "look-0"}).content.decode()
    assert 'name="q0o3-label"' in looked
    assert "2. Which hose?" in looked
    broken = at_desk.post(new, {**given, "q0o1-label": "", "save": "1"})
    assert broken.status_code == 422
    assert "at least two answers" in broken.content.decode()
    assert at_desk.post(new, {**given, "save": "1"}).status_code == 302
    script = Script.objects.get()
    assert [step["key"] for step in script.steps] == ["q1", "q2"]
    assert script.steps[0]["options"][0] == {"label": "heating", "next": "end"}
    here = reverse("settings_screens:own_script", args=[script.pk])
    assert 'value="heating"' in at_desk.get(here).content.decode()
    assert at_desk.get(reverse("settings_screens:own_scripts")).status_code == 200
