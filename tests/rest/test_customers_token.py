"""What a customer's token opens, over every operation that the description names.

Olga has a ticket of her own with a note, words aside and a reply that waits. Whatever is not in
her list of doors is closed, and what is for staff alone in her own ticket is not even there.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from otklik.core.rest import limits
from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import User
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.tickets.actions.aside import begin_side
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.models import Message, WaitingReply
from otklik.tickets.tests.factories import identity_of, open_for
from otklik.tickets.typed import Typed
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    for name in ("READS", "WRITES", "STRANGERS"):
        monkeypatch.setattr(limits, name, 1_000_000)
    cache.clear()
    mailbox = make_mailbox("support@demo.example")
    olga, marina = make_customer("Olga Nesterova"), make_agent("Marina")
    ticket = open_for(olga, account=mailbox, external_id="first@client.example").ticket
    actor = actor_of(marina)
    aside = begin_side(
        actor, ticket, subject="Price", typed=Typed("<p>900</p>"), to=To(["parts@shop.example"])
    )
    assert isinstance(aside, Message)
    note = program_of(marina).post(
        f"/tickets/{ticket.number}/messages", {"kind": "note", "text": "She is in a hurry"}
    )
    waiting = send_or_wait(
        actor,
        ticket,
        typed=Typed("<p>Soon</p>"),
        to=To([identity_of(olga).value]),
        undo_seconds=60,
    )
    assert isinstance(waiting, WaitingReply)
    user = User.objects.create(email="olga@u.example", person=olga)
    return SimpleNamespace(
        olga=Program(user),
        ticket=ticket,
        aside=aside,
        note=note.json()["id"],
        waiting=waiting,
        dasha=program_of(make_administrator()),
    )


def operations(program: Program) -> list[tuple[str, str, Any, dict[str, Any]]]:
    """Method, path, body made of nothing but what is required, and query."""
    told = program.get("/openapi.json").json()
    found = []
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            asked = {
                one["name"]: least(one["schema"], told)
                for one in operation.get("parameters", ())
                if one["in"] == "query" and one.get("required")
            }
            made = least(body, told) if body is not None else None
            found.append((method.upper(), path.removeprefix("/api/v1"), made, asked))
    return found


def least(schema: dict[str, Any], told: dict[str, Any]) -> Any:
    """The smallest value that a schema lets through."""
    if "$ref" in schema:
        return least(told["components"]["schemas"][schema["$ref"].rpartition("/")[2]], told)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return least(schema[several][0], told)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {
            name: least(schema["properties"][name], told) for name in schema.get("required", ())
        }
    if kind == "array":
        return [least(schema["items"], told)] * schema.get("minItems", 0)
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if kind == "string":
        formats = {"date-time": "2030-01-01T10:00:00Z", "date": "2030-01-01"}
        word = formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
        known = re.match(r"\^\(([^|)]+)\|", schema.get("pattern", ""))
        return known.group(1) if known else word
    return None


# What a customer may do by REST. Everything else is for staff.
DOORS = {
    *(("GET", "/brands"), ("GET", "/brands/{pk}"), ("GET", "/categories"), ("GET", "/statuses")),
    *(("GET", "/people"), ("GET", "/people/{pk}"), ("PATCH", "/people/{pk}")),
    ("PATCH", "/people/{pk}/identities/{identity_id}"),
    *(("GET", "/organisations"), ("GET", "/organisations/{pk}"), ("POST", "/me/password")),
    *(("GET", "/tokens"), ("DELETE", "/tokens/{pk}")),
    *(("GET", "/tickets"), ("GET", "/tickets/{number}"), ("GET", "/tickets/{number}/messages")),
    *(("GET", "/tickets/{number}/participants"), ("GET", "/tickets/{number}/events")),
    *(("GET", "/messages/{pk}"), ("GET", "/attachments/{token}")),
    *(("GET", "/tickets/{number}/fields"), ("PATCH", "/tickets/{number}/fields")),
    *(("POST", "/requests"), ("POST", "/requests/fields")),
    *(("POST", "/uploads"), ("DELETE", "/uploads/{token}")),
}


def test_a_customers_token_opens_its_own_doors_and_no_other(desk: SimpleNamespace) -> None:
    ids = {"number": desk.ticket.number, "identity_id": identity_of(desk.ticket.requester).pk}
    person = desk.ticket.requester_id
    doors = set()
    missing = desk.olga.send("GET", "/waiting-replies/999999").json()
    for method, path, body, query in operations(desk.dasha):
        fits = {"pk": person if path.startswith("/people") else desk.waiting.pk} | ids
        place = re.sub(r"\{(\w+)\}", lambda found, fits=fits: str(fits.get(found[1], 1)), path)
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        answer = desk.olga.send(method, f"{place}?{asked}", body)
        if (method, path) in DOORS:
            doors.add((method, path))
            assert answer.status_code < 500, (method, path)
            continue
        assert answer.status_code == 404, (method, path, answer.content)
        # There is nothing there, nothing of theirs, or nothing for them: one and the same.
        told = answer.json()
        assert (told["code"], told["title"]) == (missing["code"], missing["title"]), (method, path)
    assert doors == DOORS
    # Through its doors a customer sees nothing of what is said behind them.
    talk = desk.olga.get(f"/tickets/{desk.ticket.number}/messages").json()["items"]
    assert [row["kind"] for row in talk] == ["public"]
    for hidden in (desk.note, desk.aside.pk):
        assert desk.olga.get(f"/messages/{hidden}").status_code == 404
        assert desk.dasha.get(f"/messages/{hidden}").status_code == 200
    # Nor do they guess by asking.
    for guess in ({"assignee": "1"}, {"query": "assignee:Marina"}, {"tag": "vip"}, {"team": "1"}):
        answer = desk.olga.get("/tickets", **guess)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, list(guess))
