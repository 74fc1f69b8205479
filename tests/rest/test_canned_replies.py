"""Canned replies by REST: whose they are, how they are found, what they become in a ticket."""

from __future__ import annotations

import pytest
from django.utils import timezone

from otklik.core.events.models import EventRow
from otklik.core.files.models import Blob
from otklik.people.actions import create_role
from otklik.people.models import Person
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_team,
    user_of,
)
from otklik.people.traces import Traces
from otklik.tickets.models import Message, Ticket, Upload
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.erasing import erase_canned_replies
from otklik.workspace.models import CannedReply
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60


def test_each_sees_ones_own_the_teams_and_everybodys_and_shares_only_with_leave() -> None:
    service, sales = make_team("Service"), make_team("Sales")
    marina, ilya = make_agent("Marina", teams=[service]), make_agent("Ilya", teams=[sales])
    dasha = program_of(make_administrator())
    by_marina, by_ilya = program_of(marina), program_of(ilya)
    text = {"en": "<p>Switch it off and on.</p>"}
    own = by_marina.post("/canned-replies", {"name": "Restart", "texts": text})
    assert (own.status_code, own.json()["scope"]) == (201, "personal")
    shared = {"name": "For all", "scope": "shared", "texts": text}
    assert by_marina.post("/canned-replies", shared).status_code == 403
    of_all = dasha.post("/canned-replies", shared).json()
    of_team = {"name": "For service", "scope": "team", "team": service.pk, "texts": text}
    team_row = dasha.post("/canned-replies", of_team).json()
    seen = {
        who: [row["name"] for row in program.get("/canned-replies").json()["items"]]
        for who, program in (("marina", by_marina), ("ilya", by_ilya), ("dasha", dasha))
    }
    assert seen["marina"] == ["For service", "For all", "Restart"]
    assert seen["ilya"] == ["For all"]
    assert seen["dasha"] == ["For service", "For all"]
    assert by_ilya.get(f"/canned-replies/{own.json()['id']}").status_code == 404
    assert by_ilya.get(f"/canned-replies/{team_row['id']}").status_code == 404
    path = f"/canned-replies/{of_all['id']}"
    assert by_marina.patch(path, {"name": "Mine now"}).status_code == 403
    assert by_marina.send("DELETE", path).status_code == 403
    assert dasha.patch(path, {"name": "For everybody", "version": 1}).json()["version"] == 2
    assert dasha.patch(path, {"name": "Crossing", "version": 1}).status_code == 409
    assert dasha.send("DELETE", path).status_code == 204
    assert by_marina.get(path).status_code == 404
    names = EventRow.objects.filter(name__startswith="canned_reply.").values_list("name", flat=True)
    assert sorted(set(names)) == [
        "canned_reply.changed",
        "canned_reply.created",
        "canned_reply.removed",
    ]
    assert dasha.post("/canned-replies", {"name": "Empty", "texts": {"en": " "}}).status_code == 422
    wrong = {"name": "Tongue", "texts": {"xx": "<p>?</p>"}}
    assert dasha.post("/canned-replies", wrong).status_code == 422


def test_it_is_found_by_name_tag_and_text_and_filled_in_the_customers_language() -> None:
    marina = program_of(make_agent("Marina Kostina"))
    olga = make_customer("Нестерова Ольга Петровна")
    ticket = make_ticket(olga)
    Ticket.objects.filter(pk=ticket.pk).update(language="ru")
    greeting = {
        "name": "Greeting",
        "hint": "When somebody writes for the first time",
        "tags": ["Hello", "hello", "first"],
        "texts": {
            "en": "<p>Hello {{person.first_name|there}}, about {{ticket.number}}</p>",
            "ru": "<p>Здравствуйте, {{person.first_name}}! Отдел {{team.name}} ответит.</p>"
            "<p>{{organisation.name|Без организации}}, {{agent.first_name}}</p>",
        },
    }
    row = marina.post("/canned-replies", greeting).json()
    assert row["tags"] == ["Hello", "first"]
    marina.post("/canned-replies", {"name": "Bye", "texts": {"en": "<p>Glad to HELP.</p>"}})
    path = f"/tickets/{ticket.number}/canned-replies"
    for query, names in (
        ("gree", ["Greeting"]),
        ("HELLO", ["Greeting"]),
        ("glad help", ["Bye"]),
        ("ольга", []),
        ("отдел", ["Greeting"]),
        ("", ["Bye", "Greeting"]),
        ("%", []),
    ):
        assert [one["name"] for one in marina.get(path, q=query).json()] == names
    offered = marina.get(path, q="greet").json()[0]
    assert offered["language"] == "ru"
    assert offered["preview"].startswith("Здравствуйте, Ольга! Отдел [")
    filled = marina.post(f"{path}/{row['id']}/insertion", {}).json()
    assert "<mark>[Название команды]</mark>" in filled["html"]
    assert len(filled["empty"]) == 1
    assert "Без организации, Marina" in filled["text"]
    english = marina.post(f"{path}/{row['id']}/insertion", {"language": "en"}).json()
    assert english["text"] == f"Hello Ольга, about {ticket.number}"
    assert CannedReply.objects.get(pk=row["id"]).uses == 2
    assert marina.get(path).json()[0]["name"] == "Greeting"
    assert marina.post(f"{path}/999999/insertion", {}).status_code == 404
    olgas = make_ticket(make_customer("Alexey"), subject="Other")
    narrow = create_role(
        actor_of(make_administrator("Root")), name="N", permissions=["tickets.view_team"]
    )
    limited = make_agent("Limited", roles_held=[narrow.code])
    Ticket.objects.filter(pk=olgas.pk).update(team=make_team("Far away"))
    theirs = program_of(limited).get(f"/tickets/{olgas.number}/canned-replies")
    assert theirs.status_code == 404


def test_files_and_pictures_come_along_and_stay_until_nobody_has_them() -> None:
    agent = make_agent("Marina")
    marina, ticket = program_of(agent), make_ticket(make_customer("Olga"))
    price = marina.upload("price.pdf", b"%PDF-1.4 price").json()["token"]
    picture = marina.upload("plan.png", PICTURE).json()["token"]
    Upload.objects.filter(token=picture).update(is_inline=True)
    html = f'<p>See <img src="/uploads/{picture}/" alt="plan"></p>'
    row = marina.post(
        "/canned-replies", {"name": "Price", "texts": {"en": html}, "uploads": [price]}
    ).json()
    assert [(one["name"], one["is_inline"]) for one in row["files"]] == [
        ("price.pdf", False),
        ("plan.png", True),
    ]
    path = f"/tickets/{ticket.number}/canned-replies/{row['id']}/insertion"
    filled = marina.post(path, {}).json()
    assert len(filled["uploads"]) == 1
    assert "/uploads/" in filled["html"]
    assert picture not in filled["html"]
    sent = marina.post(
        f"/tickets/{ticket.number}/messages",
        {"kind": "note", "text": "See", "uploads": filled["uploads"]},
    ).json()
    assert [one["name"] for one in sent["attachments"]] == ["price.pdf"]
    kept = [one["token"] for one in row["files"] if one["is_inline"]]
    changed = marina.patch(f"/canned-replies/{row['id']}", {"keep_files": kept}).json()
    assert [one["name"] for one in changed["files"]] == ["plan.png"]
    plain = marina.patch(
        f"/canned-replies/{row['id']}", {"texts": {"en": "<p>None</p>"}, "keep_files": []}
    )
    assert plain.json()["files"] == []
    blob = Blob.objects.get(size=len(PICTURE))
    holders = Upload.objects.filter(blob=blob).count()
    assert blob.refs == holders
    assert Message.objects.filter(ticket=ticket).count() == 2


def test_an_erased_agents_own_go_and_others_name_them_no_more() -> None:
    agent, other = make_agent("Marina Kostina"), make_agent("Ilya")
    text = {"en": "<p>Ask Marina Kostina.</p>"}
    program_of(agent).post("/canned-replies", {"name": "Own", "texts": text})
    kept = program_of(other).post("/canned-replies", {"name": "Ask her", "texts": text}).json()
    person = Person.objects.get(pk=agent.person_id)
    address = user_of(agent).email
    erase_canned_replies(Traces(person.pk, (), (address,), timezone.now(), name="Marina Kostina"))
    rows = CannedReply.objects.all()
    assert [row.pk for row in rows] == [kept["id"]]
    assert "Marina" not in rows[0].texts.get().html
