"""A Russian and an English agent on one desk: each reads statuses, checklists, macros, scripts,
tags and canned replies in their own language, wherever these were written."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client

from otklik.people.models import User
from otklik.people.tests.factories import make_administrator, user_of
from otklik.tickets.actions import tag_ticket
from otklik.tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Status, Tag
from otklik.workspace.models import CannedReply, Macro, Script
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FRAGMENT = {"HTTP_HX_REQUEST": "true"}
QUESTION = {"key": "a", "question": "What?", "kind": "text"}


@pytest.fixture
def readers(cast: SimpleNamespace) -> dict[str, Client]:
    found = {}
    for language, agent in (("en", cast.marina), ("ru", cast.ilya)):
        user = user_of(agent)
        User.objects.filter(pk=user.pk).update(language=language)
        found[language] = Client()
        found[language].force_login(User.objects.get(pk=user.pk))
    return found


def test_what_programs_write_by_language_is_read_by_each_in_their_own(
    cast: SimpleNamespace, readers: dict[str, Client]
) -> None:
    program, agent = program_of(make_administrator()), program_of(cast.marina)
    said = {"hint": "Wait", "hints": {"ru": "Ждём поставщика", "en": "For the supplier"}}
    status = {"kind": "on_hold", "labels": {"en": "At the supplier", "ru": "У поставщика"}, **said}
    assert agent.post("/statuses", status).status_code == 403
    made = program.post("/statuses", status)
    assert made.status_code == 201, made.content
    assert made.json()["hints"] == said["hints"]
    wrong = program.send("PATCH", f"/statuses/{made.json()['id']}", {"hints": {"xx": "?"}})
    assert wrong.status_code == 422
    tag_ticket(cast.actor, cast.ticket, "pump")
    tag = Tag.objects.get()
    hints = {"hints": {"ru": "Насос не качает", "en": "The pump is dry"}}
    assert agent.send("PATCH", f"/tags/{tag.pk}", hints).status_code == 403
    assert program.send("PATCH", f"/tags/{tag.pk}", hints).json()["hints"] == hints["hints"]
    template = program.post(
        "/checklist-templates",
        {
            "name": "Visit",
            "labels": {"ru": "Выезд"},
            "is_required": True,
            "items": [
                {
                    "text": "Take the filter",
                    "labels": {"ru": "Взять фильтр"},
                    "hint": "The blue one",
                    "hints": {"ru": "Синий"},
                }
            ],
        },
    ).json()
    assert template["labels"] == {"ru": "Выезд"}
    number = cast.ticket.number
    agent.post(f"/tickets/{number}/checklists", {"template": template["id"]})
    words = {"scope": "shared", "hint": "When it drips", "hints": {"ru": "Когда капает"}}
    steps = [{"effect": "ticket.tag", "params": {"tag": "leak"}}]
    macro = program.post(
        "/macros", {"name": "Leak", "labels": {"ru": "Течь"}, "steps": steps} | words
    )
    assert macro.json()["labels"] == {"ru": "Течь"}
    script = {"name": "Ask", "labels": {"ru": "Расспрос"}, "steps": [QUESTION], **words}
    assert program.post("/scripts", script).json()["hints"] == words["hints"]
    program.post("/canned-replies", {"name": "Thanks", "texts": {"en": "<p>Thank you</p>"}} | words)
    url = f"/tickets/{number}"
    read = {"en": "", "ru": ""}
    for language, client in readers.items():
        for address in (url, f"{url}/macros", f"{url}/scripts", f"{url}/canned-replies"):
            shown = client.get(f"{address}/", **FRAGMENT)  # type: ignore[arg-type]
            assert shown.status_code == 200, address
            read[language] += shown.content.decode()
        read[language] += client.get("/options/tags/?q=pump").content.decode()
        refused = client.post(f"{url}/status/", {"value": "solved"}, **FRAGMENT)  # type: ignore[arg-type]
        read[language] += refused.content.decode()
    for english, russian in (
        ("At the supplier", "У поставщика"),
        ("For the supplier", "Ждём поставщика"),
        ("The pump is dry", "Насос не качает"),
        ("Visit", "Выезд"),
        ("Take the filter", "Взять фильтр"),
        ("The blue one", "Синий"),
        ("Not done yet: Take the filter", "взять фильтр"),
        ("Leak", "Течь"),
        ("Ask", "Расспрос"),
        ("When it drips", "Когда капает"),
    ):
        assert english in read["en"], english
        assert russian.casefold() in read["ru"].casefold(), russian
        assert russian not in read["en"], russian
        if english not in ("Visit", "Ask", "Leak"):
            assert english not in read["ru"], english


def test_settings_keep_words_by_language_and_a_rewritten_item_is_one_for_all(
    cast: SimpleNamespace, readers: dict[str, Client]
) -> None:
    desk, dasha = readers["en"], Client()
    dasha.force_login(user_of(make_administrator()))
    row = Status.objects.get(code="pending")
    form = {"label-en": "", "label-ru": "", "hint": "", "hint-en": "Asked", "follow": "any"}
    assert desk.post(f"/settings/statuses/{row.pk}/", form).status_code == 403
    assert dasha.post(f"/settings/statuses/{row.pk}/", form).status_code == 302
    row.refresh_from_db()
    assert row.hints == {"en": "Asked"}
    items = "Pump | assignee | 2h | ru: Насос | hint: Dry | hint ru: Сухой\nBill"
    given = {"name": "Visit", "label-ru": "Выезд", "hint-en": "On site", "items": items}
    assert dasha.post("/settings/checklists/new/", given).status_code == 302
    template = ChecklistTemplate.objects.get()
    assert (template.labels, template.hints) == ({"ru": "Выезд"}, {"en": "On site"})
    assert template.items[0] == {
        "text": "Pump",
        "labels": {"ru": "Насос"},
        "hint": "Dry",
        "hints": {"ru": "Сухой"},
        "owner": "assignee",
        "due_minutes": 120,
    }
    # What the page shows is what it reads.
    page = dasha.get(f"/settings/checklists/{template.pk}/").content.decode()
    assert items.replace("\n", "\r\n") in page.replace("\n", "\r\n").replace("\r\r", "\r")
    unknown = dasha.post(f"/settings/checklists/{template.pk}/", given | {"items": "A | xx: B"})
    assert unknown.status_code == 422
    macro = {"name": "Leak", "scope": "shared", "label-ru": "Течь", "hint-ru": "Капает"}
    step = {"step-0-effect": "ticket.tag", "step-0-tag": "leak", "save": "1"}
    assert dasha.post("/settings/macros/new/", macro | step).status_code == 302
    kept = Macro.objects.get()
    assert (kept.labels, kept.hints, kept.hint) == ({"ru": "Течь"}, {"ru": "Капает"}, "")
    assert not Script.objects.exists()
    assert not CannedReply.objects.exists()
    # Added to a ticket; saved as it is read it stays in both, written anew it is one for all.
    url = f"/tickets/{cast.ticket.number}"
    readers["ru"].post(f"{url}/checklists/", {"template": template.pk})
    assert Checklist.objects.get().labels == {"ru": "Выезд"}
    pump = ChecklistItem.objects.order_by("pk")[0]
    save = {"value": "save", "text": "Насос", "owner": "", "due": ""}
    assert readers["ru"].post(f"{url}/items/{pump.pk}/", save).status_code == 302
    pump.refresh_from_db()
    assert (pump.text, pump.labels) == ("Pump", {"ru": "Насос"})
    readers["ru"].post(f"{url}/items/{pump.pk}/", save | {"text": "Новый насос"})
    pump.refresh_from_db()
    assert (pump.text, pump.labels, pump.hints) == ("Новый насос", {}, {"ru": "Сухой"})
