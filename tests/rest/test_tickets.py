"""The REST API does what the screens do, with the same rights."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.outbox.models import Delivery
from otklik.core.rest.models import RememberedAnswer
from otklik.desk.tests.factories import make_mailbox
from otklik.people import roles
from otklik.people.actions.tokens import revoke_token
from otklik.people.models import Identity, User
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_team,
)
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def marina() -> Program:
    return program_of(make_agent("Marina"))


def test_without_a_valid_token_nothing_is_told(marina: Program) -> None:
    client = Client()
    for headers in ({}, {"Authorization": "Bearer otk_wrong"}, {"Authorization": "Basic x"}):
        response = client.get("/api/v1/tickets", headers=headers)
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert marina.get("/tickets").status_code == 200
    revoke_token(actor_of(make_administrator()), marina.row)
    assert marina.get("/tickets").status_code == 401


def test_a_program_opens_changes_and_answers_a_ticket(marina: Program) -> None:
    make_mailbox("support@demo.example")
    team = make_team("Service", line=2)
    made = marina.post(
        "/tickets",
        {
            "subject": "Кофемашина не греет воду",
            "text": "Ошибка E-07",
            "requester": {"address": "O.Nesterova@Polden.example", "name": "Ольга"},
            "priority": "high",
            "tags": ["E-07"],
        },
    )
    assert made.status_code == 201, made.content
    ticket = made.json()
    number = ticket["number"]
    assert (ticket["status"], ticket["priority"], ticket["tags"]) == ("new", "high", ["E-07"])
    assert ticket["requester"]["address"] == "o.nesterova@polden.example"
    changed = marina.patch(f"/tickets/{number}", {"team": team.pk, "reason": "needs a visit"})
    assert changed.json()["team"]["name"] == "Service"
    replied = marina.post(
        f"/tickets/{number}/messages", {"text": "Мастер приедет сегодня", "status": "pending"}
    )
    assert replied.status_code == 201, replied.content
    message = replied.json()
    assert message["to"] == [{"address": "o.nesterova@polden.example", "name": "Ольга"}]
    assert message["delivery_state"] == "queued"
    assert Delivery.objects.filter(subject_id=message["id"]).exists()
    assert marina.get(f"/tickets/{number}").json()["status"] == "pending"
    talk = marina.get(f"/tickets/{number}/messages").json()["items"]
    assert [row["kind"] for row in talk] == ["public", "note", "public"]
    assert marina.get(f"/messages/{message['id']}").json()["body_text"] == "Мастер приедет сегодня"


def test_a_program_writes_to_a_customer_first_and_mails_a_copy_of_what_was_said(
    marina: Program,
) -> None:
    make_mailbox("support@demo.example")
    body = {
        "subject": "Your machine",
        "text": "It is ready",
        "requester": {"address": "o@x.example"},
    }
    named = {**body, "requester": {"address": "o@x.example", "name": "Olga"}}
    first = marina.post("/tickets", {**named, "is_ours": True, "tags": ["ready"]}, key="one")
    assert first.json()["requester"]["name"] == "Olga"
    assert (first.status_code, first.json()["channel"]) == (201, "email")
    again = marina.post("/tickets", {**named, "is_ours": True, "tags": ["ready"]}, key="one")
    assert again.json()["number"] == first.json()["number"]
    said = marina.get(f"/tickets/{first.json()['number']}/messages").json()["items"]
    assert [(row["direction"], row["delivery_state"]) for row in said] == [("out", "queued")]

    copied = marina.post("/tickets", {**body, "channel": "phone", "sends_copy": True}).json()
    said = marina.get(f"/tickets/{copied['number']}/messages").json()["items"]
    assert [row["direction"] for row in said] == ["in", "out"]
    silent = marina.post("/tickets", {**body, "channel": "phone"}).json()
    said = marina.get(f"/tickets/{silent['number']}/messages").json()["items"]
    assert [row["direction"] for row in said] == ["in"]
    nobody = make_customer("No Address")
    nobody.identities.all().delete()
    asked = {**body, "requester": {"id": nobody.pk}, "is_ours": True}
    assert marina.post("/tickets", asked).status_code == 422
    opener = Program(marina.row.user, ["tickets.view", "tickets.open"])
    assert opener.post("/tickets", {**body, "is_ours": True}).status_code == 403


def test_the_same_request_with_its_key_is_answered_the_same_and_done_once(
    marina: Program,
) -> None:
    body = {"text": "Printer on fire", "requester": {"address": "olga@polden.example"}}
    first = marina.post("/tickets", body, key="order-1")
    again = marina.post("/tickets", body, key="order-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Ticket.objects.count() == 1
    other = marina.post("/tickets", {**body, "text": "Another"}, key="order-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    stranger = program_of(make_agent("Ilya"))
    assert stranger.post("/tickets", body, key="order-1").status_code == 201
    assert Ticket.objects.count() == 2


def test_what_is_remembered_of_a_request_does_not_let_its_password_be_guessed(
    marina: Program,
) -> None:
    sent = {"current": "no such password", "password": "the new kettle is hot"}
    assert marina.send("POST", "/me/password", sent, key="once").status_code == 422
    kept = RememberedAnswer.objects.get().request_hash
    told = ("POST", "/api/v1/me/password", "application/json")
    plain = b"".join(part.encode() + b"\0" for part in told) + json.dumps(sent).encode()
    assert kept != hashlib.sha256(plain).hexdigest()


def test_a_token_does_no_more_than_its_scopes_and_a_customer_sees_only_their_own() -> None:
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    ticket = make_ticket(olga)
    reader = program_of(make_agent("Marina"), ["tickets.view"])
    assert reader.get(f"/tickets/{ticket.number}").status_code == 200
    refused = reader.patch(f"/tickets/{ticket.number}", {"priority": "urgent"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    from otklik.people.models import User

    hers = Program(User.objects.create(email="olga@u.example", person=olga))
    his = Program(User.objects.create(email="alexey@u.example", person=alexey))
    assert [row["number"] for row in hers.get("/tickets").json()["items"]] == [ticket.number]
    assert his.get("/tickets").json()["items"] == []
    for path in (f"/tickets/{ticket.number}", f"/tickets/{ticket.number}/messages"):
        assert hers.get(path).status_code == 200
        assert his.get(path).status_code == 404
    assert his.get("/people").json()["items"][0]["id"] == alexey.pk
    assert his.get("/deliveries").status_code == 404


def test_who_may_reply_sees_a_tickets_deliveries_through_and_no_others(marina: Program) -> None:
    account = make_mailbox("support@demo.example")
    olga = make_customer("Olga Nesterova")
    ticket = make_ticket(olga)
    ticket.account = account
    ticket.save()
    words = written_by_hand(text="Switch it off")
    message = reply_to_ticket(
        actor_of(make_agent("Ilya")),
        ticket,
        words=words,
        recipients=Recipients(to=[Identity.objects.get(person=olga)]),
    )
    (found,) = marina.get("/deliveries", message=message.pk).json()["items"]
    delivery, path = Delivery.objects.get(pk=found["id"]), f"/deliveries/{found['id']}"
    Delivery.objects.filter(pk=delivery.pk).update(status="failed")
    assert marina.post(f"{path}/retry").json()["status"] == "queued"
    Delivery.objects.filter(pk=delivery.pk).update(status="uncertain")
    assert marina.post(f"{path}/outcome", {"was_sent": True}).json()["status"] == "sent"
    Delivery.objects.filter(pk=delivery.pk).update(status="failed")
    screen = Client()
    screen.force_login(marina.row.user)
    screen.post(f"/tickets/{ticket.number}{path}/", {"value": "again"})
    assert Delivery.objects.get(pk=delivery.pk).status == "queued"
    # No others: not all of them, no letter of the desk's own, nothing for who only reads.
    assert marina.get("/deliveries").status_code == 403
    assert marina.post(f"{path}/cancellation").status_code == 403
    reader = program_of(make_agent("Dasha"), ["tickets.view"])
    Delivery.objects.filter(pk=delivery.pk).update(status="failed")
    assert reader.post(f"{path}/retry").status_code == 403
    Delivery.objects.filter(pk=delivery.pk).update(kind="letter")
    assert [marina.get(path).status_code, marina.post(f"{path}/retry").status_code] == [404, 404]
    assert Delivery.objects.get(pk=delivery.pk).status == "failed"


def test_lists_are_paged_filtered_and_searched(marina: Program) -> None:
    olga = make_customer("Olga Nesterova")
    tickets = [make_ticket(olga, f"Coffee machine {n}", "It leaks") for n in range(7)]
    make_ticket(make_customer("Alexey"), "Invoice for October", "Wrong company")
    dispatch_pending()
    seen: list[int] = []
    cursor = ""
    while True:
        page = marina.get("/tickets", limit=3, cursor=cursor, requester=olga.pk).json()
        seen += [row["number"] for row in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert sorted(seen) == sorted(ticket.number for ticket in tickets)
    found = marina.get("/tickets", q="invoices october").json()["items"]
    assert [row["subject"] for row in found] == ["Invoice for October"]
    since = tickets[3].updated_at.isoformat()
    later = marina.get("/tickets", updated_since=since).json()["items"]
    assert len(later) >= 4
    for wrong in ({"cursor": "rubbish"}, {"status": "sleeping"}, {"updated_since": "yesterday"}):
        answer = marina.get("/tickets", **wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["fields"]


def test_a_change_of_an_old_version_is_a_conflict(marina: Program) -> None:
    ticket = make_ticket(make_customer())
    version = marina.get(f"/tickets/{ticket.number}").json()["version"]
    path = f"/tickets/{ticket.number}"
    assert marina.patch(path, {"kind": "incident", "version": version}).status_code == 200
    crossed = marina.patch(path, {"kind": "question", "version": version})
    assert (crossed.status_code, crossed.json()["code"]) == (409, "conflict")


def test_a_crossing_reply_is_a_conflict_that_names_the_newer_message(marina: Program) -> None:
    ticket = make_ticket(make_customer())
    seen = ticket.messages.get().pk
    newer = customer_writes(ticket, "Solved itself")
    answer = marina.post(
        f"/tickets/{ticket.number}/messages", {"text": "Hold on", "seen_message_id": seen}
    )
    assert answer.status_code == 409
    assert answer.json()["fields"]["messages"] == [newer.pk]


def test_files_travel_by_token(marina: Program) -> None:
    ticket = make_ticket(make_customer())
    uploaded = marina.upload("акт.pdf", b"%PDF-1.4 act")
    assert uploaded.status_code == 201, uploaded.content
    token = uploaded.json()["token"]
    sent = marina.post(
        f"/tickets/{ticket.number}/messages", {"kind": "note", "text": "See", "uploads": [token]}
    )
    (attachment,) = sent.json()["attachments"]
    assert attachment["name"] == "акт.pdf"
    loaded = marina.get(f"/attachments/{attachment['token']}")
    content = b"".join(loaded.streaming_content) if loaded.streaming else loaded.content
    assert content == b"%PDF-1.4 act"
    assert loaded["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in loaded["Content-Disposition"]
    foreign = program_of(make_agent("Ilya")).post(
        f"/tickets/{ticket.number}/messages", {"text": "x", "kind": "note", "uploads": [token]}
    )
    assert foreign.status_code == 404


def test_what_a_program_did_can_be_undone(marina: Program) -> None:
    tickets = [make_ticket(make_customer(), f"No {n}") for n in range(3)]
    answer = marina.post(
        "/tickets/changes",
        {"tickets": [row.number for row in tickets] + [9999], "change": {"status": "solved"}},
    ).json()
    assert answer["changed"] == 3
    assert list(answer["failures"]) == ["9999"]
    undone = marina.post(f"/operations/{answer['operation']}/undo")
    assert undone.json()["undone_at"]
    assert set(Ticket.objects.values_list("status_kind", flat=True)) == {"new"}


def test_too_many_requests_are_told_when_to_come_back(marina: Program, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from otklik.core.rest import limits

    monkeypatch.setattr(limits, "READS", 2)
    answers = [marina.get("/tags") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Remaining"] == "1"
    assert int(answers[2]["Retry-After"]) <= 60


def test_who_takes_part_and_who_gets_a_reply_is_chosen_by_rest_as_on_the_page(
    marina: Program,
) -> None:
    make_mailbox("support@demo.example")
    olga = make_customer("Olga", "olga@polden.example")
    ticket = make_ticket(olga)
    path = f"/tickets/{ticket.number}"
    invited = marina.post(f"{path}/participants", {"address": "Boss@Polden.example"})
    assert invited.status_code == 201
    assert invited.json()["address"] == "boss@polden.example"
    assert invited.json()["is_confirmed"]
    assert marina.get(f"{path}/recipients").json() == {
        "to": ["olga@polden.example"],
        "cc": ["boss@polden.example"],
        "held_back": [],
        "reply_to": [],
    }
    own = marina.post(f"{path}/participants", {"address": "support@demo.example"})
    assert own.status_code == 422
    written = {
        "text": "Done.",
        "to": ["olga@polden.example"],
        "cc": ["olga@polden.example"],
        "bcc": ["auditor@polden.example"],
    }
    sent = marina.post(f"{path}/messages", written)
    assert sent.status_code == 201
    assert sent.json()["cc"] == []
    assert [one["address"] for one in sent.json()["bcc"]] == ["auditor@polden.example"]
    reached = Delivery.objects.get(kind="message").recipients.values_list("address", flat=True)
    assert set(reached) == {"olga@polden.example", "auditor@polden.example"}
    user = User.objects.create(email="olga@polden.example", person=olga)
    user.roles.set([roles.get_role(roles.CUSTOMER)])
    hers = Program(user)
    assert hers.get(f"/messages/{sent.json()['id']}").json()["bcc"] == []
    assert hers.get(f"{path}/recipients").status_code == 404
    assert hers.post(f"{path}/participants", {"address": "x@polden.example"}).status_code == 404
    gone = marina.send("DELETE", f"{path}/participants/{invited.json()['id']}")
    assert gone.status_code == 204
    assert marina.get(f"{path}/recipients").json()["cc"] == []


def test_a_program_asks_for_a_view_a_board_and_a_calendar(marina: Program) -> None:
    olga = make_customer("Olga Nesterova")
    hot, cold = make_ticket(olga, "Ёлка горит"), make_ticket(olga, "Holder is cold")
    soon = timezone.now() + timedelta(minutes=1)  # today or tomorrow
    Ticket.objects.filter(pk=cold.pk).update(next_due_at=soon)
    body = {"name": "Trees", "query": "subject:елка or subject:Tree", "sort": "oldest"}
    view = marina.post("/views", body).json()["id"]

    def subjects(**asked: object) -> list[str]:
        return [row["subject"] for row in marina.get("/tickets", **asked).json()["items"]]

    assert subjects(view=view) == ["Ёлка горит"]
    assert subjects(view=view, query="status:open or priority:urgent") == []
    assert subjects(view=view, query="status:new or priority:urgent") == ["Ёлка горит"]
    assert subjects(query="-subject:ёлка") == ["Holder is cold"]
    assert subjects(query="follower:me") == subjects(list="followed")
    me = marina.row.user.person_id
    assert marina.post(f"/tickets/{cold.number}/followers", {"person": me}).status_code == 204
    assert subjects(query="follower:me") == ["Holder is cold"]
    assert subjects(query="-follower:me") == ["Ёлка горит"]
    columns = marina.get("/board", view=view).json()["columns"]
    shown = {row["label"]: (row["count"], row["cards"]) for row in columns}
    assert shown["New"][0] == "1"
    assert shown["New"][1][0]["number"] == hot.number
    assert marina.get("/board", by="assignee").json()["columns"][0]["id"] == 0
    days = marina.get("/calendar", days=2).json()
    assert [(row["kind"], row["ticket"]) for row in days["items"]] == [("due", cold.number)]
    assert marina.get("/calendar", view=view).json()["items"] == []
    # A view of somebody else is none: to colleagues, and to customers every one.
    ilya, stranger = (
        program_of(make_agent("Ilya")),
        Program(User.objects.create(email="olga@u.example", person=olga)),
    )
    for path in ("/tickets", "/board", "/calendar"):
        assert ilya.get(path, view=view).status_code == 404
        assert stranger.get(path, view=view).status_code == 404
