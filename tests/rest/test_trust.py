"""What programs of customers and of nobody reach, and what values from outside may do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.utils import timezone

from otklik.people import roles
from otklik.people.actions import change_organisation, change_person
from otklik.people.models import ApiToken, Identity, Person, User
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
)
from otklik.tickets.actions import add_participant, assign_ticket, set_tags, transfer_ticket
from otklik.tickets.models import Audience, Thread
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def program_of_customer(person: Person) -> Program:
    identity = Identity.objects.get(person=person)
    user = User.objects.create(email=identity.value, person=person, password=make_password(None))
    user.roles.set([roles.get_role(roles.CUSTOMER)])
    return Program(user)


def test_a_customers_program_reads_nothing_that_staff_keep_to_themselves() -> None:
    dasha = make_administrator()
    admin = actor_of(dasha)
    company = make_organisation("Кофейня «Полдень»", domains=["polden.example"])
    olga = make_customer(organisation=company)
    change_person(admin, olga, notes="Argues about every invoice")
    change_organisation(admin, company, notes="Pays late")
    ticket = make_ticket(olga)
    transfer_ticket(admin, ticket, make_team("Service"), reason="")
    assign_ticket(admin, ticket, dasha)
    set_tags(admin, ticket, ["difficult"])

    theirs, ours = program_of_customer(olga), program_of(dasha)
    assert theirs.get(f"/people/{olga.pk}").json()["notes"] == ""
    assert theirs.get("/people").json()["items"][0]["notes"] == ""
    assert ours.get(f"/people/{olga.pk}").json()["notes"] == "Argues about every invoice"
    for page in ("/organisations", "/people"):
        assert all(item["notes"] == "" for item in theirs.get(page).json()["items"])
    assert ours.get(f"/organisations/{company.pk}").json()["notes"] == "Pays late"

    # Whether there is a company is no more told than what it is called.
    others = make_organisation("Зернопар")
    foreign, none = (
        theirs.patch(f"/people/{olga.pk}", {"organisation": pk}) for pk in (others.pk, 10**9)
    )
    assert (foreign.status_code, foreign.json()["fields"]) == (
        none.status_code,
        none.json()["fields"],
    )
    ours.patch(f"/people/{olga.pk}", {"organisation": others.pk})
    olga.refresh_from_db()
    assert olga.organisation == others

    shown: dict[str, Any] = theirs.get(f"/tickets/{ticket.number}").json()
    assert (shown["team"], shown["assignee"], shown["tags"]) == (None, None, [])
    assert theirs.get("/tickets").json()["items"][0]["tags"] == []
    assert ours.get(f"/tickets/{ticket.number}").json()["tags"] == ["difficult"]


def test_a_talk_among_staff_and_its_people_stay_out_of_a_customers_reach() -> None:
    olga = make_customer()
    ticket = make_ticket(olga)
    supplier = make_customer("Alexey Gromov")
    side = Thread.objects.create(
        ticket=ticket, audience=Audience.STAFF, channel="email", is_main=False, subject="Parts"
    )
    main = ticket.threads.get(is_main=True)
    secret = main.messages.get()
    secret.pk, secret.thread = None, side
    secret.save()
    add_participant(
        actor_of(make_administrator()),
        side,
        Identity.objects.get(person=supplier),
        role="cc",
        is_confirmed=True,
    )

    theirs = program_of_customer(olga)
    ids = [row["id"] for row in theirs.get(f"/tickets/{ticket.number}/messages").json()["items"]]
    assert len(ids) == 1
    assert secret.pk not in ids
    assert theirs.get(f"/messages/{secret.pk}").status_code == 404
    people = theirs.get(f"/tickets/{ticket.number}/participants").json()
    assert [row["person"] for row in people] == [olga.pk]
    ours = program_of(make_agent("Marina"))
    assert len(ours.get(f"/tickets/{ticket.number}/participants").json()) == 2


def test_who_may_not_reply_writes_no_addresses_down() -> None:
    olga = make_customer()
    ticket = make_ticket(olga)
    path = f"/tickets/{ticket.number}/messages"
    body = {"text": "Hello", "to": ["nobody-yet@elsewhere.example"]}
    assert program_of_customer(olga).post(path, body).status_code == 404
    narrow = program_of(make_agent("Marina"), ["tickets.view"])
    assert narrow.post(path, body).status_code == 403
    assert not Identity.objects.filter(value="nobody-yet@elsewhere.example").exists()


@pytest.mark.parametrize("number", [2**63, 10**30, -(2**63) - 1])
def test_a_number_no_column_holds_is_refused_in_words(number: int) -> None:
    marina = program_of(make_agent("Marina"))
    ticket = make_ticket(make_customer())
    for name in ("assignee", "team", "brand", "category", "requester", "organisation"):
        assert marina.get("/tickets", **{name: str(number)}).status_code == 422
    for body in ({"html": "x", "seen_message_id": number}, {"html": "x", "version": number}):
        answer = marina.send("PUT", f"/tickets/{ticket.number}/draft", body)
        assert answer.status_code in (200, 409, 422)


def test_nul_and_half_characters_cost_nobody_their_text() -> None:
    marina = program_of(make_agent("Marina"))
    ticket = make_ticket(make_customer())
    written = marina.post(
        f"/tickets/{ticket.number}/messages", {"kind": "note", "text": "a\0b \ud800 c"}
    )
    assert written.status_code == 201
    assert written.json()["body_text"] == "ab \ufffd c"
    assert marina.get("/tickets", q="a\0b").status_code == 200
    tagged = marina.patch(f"/tickets/{ticket.number}", {"tags": ["t\0ag"], "subject": "s\0"})
    assert (tagged.json()["tags"], tagged.json()["subject"]) == (["tag"], "s")
    named = marina.upload("a.txt", b"x")
    assert named.status_code == 201
    lost = marina.post(f"/tickets/{ticket.number}/messages", {"text": "x", "uploads": ["\ud800"]})
    assert lost.status_code == 404


def test_an_unreadable_form_is_the_askers_mistake() -> None:
    marina = program_of(make_agent("Marina"))
    head = 'Content-Disposition: form-data; name="file"; filename="' + "x" * 70_000 + '"'
    answer = marina._client.generic(
        "POST",
        "/api/v1/uploads",
        f"--q\r\n{head}\r\n\r\nx\r\n--q--\r\n",
        content_type="multipart/form-data; boundary=q",
        headers=marina.headers,
    )
    assert answer.status_code == 400


def test_a_token_makes_none_that_outlives_it_or_does_more() -> None:
    marina = program_of(make_agent("Marina"), ["tokens.create", "tickets.view"])
    ends = timezone.now() + timedelta(hours=1)
    marina.row.expires_at = ends
    marina.row.save()
    later = (ends + timedelta(days=900)).isoformat()
    for body in ({"name": "a"}, {"name": "b", "expires_at": later}):
        made = marina.post("/tokens", {**body, "scopes": None})
        assert made.status_code == 201
        child = ApiToken.objects.get(pk=made.json()["id"])
        assert child.expires_at == ends
        assert set(child.scopes or ()) == {"tokens.create", "tickets.view"}
    sooner = ends - timedelta(minutes=30)
    made = marina.post("/tokens", {"name": "c", "expires_at": sooner.isoformat()})
    assert ApiToken.objects.get(pk=made.json()["id"]).expires_at == sooner
