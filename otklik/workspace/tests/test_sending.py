"""Sending from the composer, without a browser: what waits, who approves, who has the draft."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from otklik.core.access import SYSTEM, Forbidden
from otklik.core.db import briefly
from otklik.core.events.dispatcher import dispatch_pending
from otklik.desk.tests.factories import make_mailbox
from otklik.notify.models import Notification
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, user_of
from otklik.tickets.actions import invite_participant
from otklik.tickets.actions.habits import change_habit, find_habit
from otklik.tickets.actions.releasing import release, release_overdue
from otklik.tickets.actions.reviewing import set_mentor
from otklik.tickets.actions.starting import start_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import (
    Draft,
    DraftHandover,
    Message,
    Status,
    Ticket,
    Traineeship,
    Upload,
    WaitingReply,
)
from otklik.tickets.tests.factories import customer_writes, identity_of
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]

FRAGMENT = {"HTTP_HX_REQUEST": "true"}
WORDS = "<p>Switch it off for <b>20 minutes</b>.</p>"


def client_of(agent: Any) -> Client:
    client = Client()
    client.force_login(user_of(agent))
    return client


def reply(cast: SimpleNamespace, **more: Any) -> dict[str, Any]:
    return {
        "kind": "public",
        "html": WORDS,
        "rich": "1",
        "to": identity_of(cast.olga).value,
        "status": "pending",
        "client_key": str(uuid4()),
        **more,
    }


def pass_time() -> None:
    WaitingReply.objects.update(due_at=timezone.now() - timedelta(seconds=6))
    release_overdue()


def toast_of(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return told


def test_a_reply_waits_ten_seconds_and_undo_gives_it_back_with_its_files(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    change_habit(actor_of(cast.marina), undo_seconds=10)
    url = f"/tickets/{cast.ticket.number}/"
    chip = at_desk.post("/uploads/", {"file": SimpleUploadedFile("plan.txt", b"plan")})
    assert chip.status_code in (200, 201)
    token = Upload.objects.get().token
    sent = reply(cast, uploads=token, cc="master@polden.example")
    answer = at_desk.post(f"{url}messages/", sent, **FRAGMENT)
    row = WaitingReply.objects.get()
    toast = toast_of(answer)
    assert toast["text"] == "Reply to Olga Nesterova leaves in {left} s"
    assert (toast["seconds"], toast["undo"]) == (10, f"{url}waiting-replies/{row.pk}/undo/")
    at_desk.post(f"{url}messages/", sent, **FRAGMENT)  # a double click
    assert WaitingReply.objects.count() == 1
    shown = client_of(cast.ilya).get(url).content.decode()
    assert "20 minutes" in shown  # a colleague sees it
    assert "plan.txt" in shown
    assert "waiting_undo" not in shown
    assert toast["undo"] not in shown  # and cannot take it back
    assert client_of(cast.ilya).post(toast["undo"], **FRAGMENT).status_code == 422
    back = at_desk.post(toast["undo"], HTTP_HX_CURRENT_URL=f"http://testserver{url}", **FRAGMENT)
    assert "20 minutes" in back.content.decode()
    assert Draft.objects.get().uploads == [token]
    elsewhere = at_desk.post(
        f"{url}messages/", reply(cast), HTTP_HX_CURRENT_URL="http://testserver/tickets/", **FRAGMENT
    )
    away = at_desk.post(
        toast_of(elsewhere)["undo"], HTTP_HX_CURRENT_URL="http://testserver/tickets/", **FRAGMENT
    )
    assert away.headers["HX-Redirect"] == f"{url}?write=public#composer"
    draft = Draft.objects.get()
    assert draft.recipients["to"] == [identity_of(cast.olga).value]
    pass_time()
    assert not Message.objects.filter(direction="out").exists()


def test_the_last_choice_is_offered_first_and_own_statuses_too(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    own = Status.objects.create(code="parts", kind="on_hold", labels={"en": "Waits for parts"})
    url = f"/tickets/{cast.ticket.number}/"
    page = at_desk.get(f"{url}?write=public").content.decode()
    assert "Send as “Waits for parts”" in page
    at_desk.post(f"{url}messages/", reply(cast, status=str(own.pk)), **FRAGMENT)
    assert Ticket.objects.get(pk=cast.ticket.pk).status_id == own.pk
    assert find_habit(cast.marina.person_id).last_status == str(own.pk)
    again = at_desk.get(f"{url}?write=public").content.decode()
    button = again.split("composer-send-reply", 1)[1][:300]
    assert f'value="{own.pk}"' in button
    change_habit(actor_of(cast.marina), after_sending="next")
    answer = at_desk.post(f"{url}messages/", reply(cast), **FRAGMENT)
    assert json.loads(answer.headers["HX-Trigger"])["sending:after"]["go"] == "next"
    account = {"do": "sending", "undo_seconds": "30", "after_sending": "list"}
    assert at_desk.post("/account/", account).status_code == 302
    assert find_habit(cast.marina.person_id).undo_seconds == 30
    assert at_desk.post("/account/", account | {"undo_seconds": "7"}).status_code == 422


def test_later_is_listed_moved_held_by_an_answer_and_told(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    answer = at_desk.post(f"{url}messages/", reply(cast, later="tomorrow"), **FRAGMENT)
    row = WaitingReply.objects.get()
    assert row.why == "later"
    assert "tomorrow" in toast_of(answer)["text"]
    for wrong in (
        {"later": "own", "later_at": ""},
        {"later": "own", "later_at": "2020-01-01T09:00"},
    ):
        assert at_desk.post(f"{url}messages/", reply(cast, **wrong), **FRAGMENT).status_code == 422
    assert "20 minutes" in at_desk.get("/unsent/").content.decode()
    assert "20 minutes" not in client_of(cast.ilya).get("/unsent/").content.decode()
    there = f"{url}waiting-replies/{row.pk}/"
    own = f"{timezone.localtime(timezone.now() + timedelta(days=3)):%Y-%m-%dT%H:%M}"
    moved = at_desk.post(f"{there}time/", {"later_at": own, "version": row.version}, **FRAGMENT)
    assert moved.status_code == 200
    stale = at_desk.post(f"{there}time/", {"later_at": own, "version": row.version}, **FRAGMENT)
    assert stale.status_code == 409
    customer_writes(cast.ticket, "It works again")
    dispatch_pending()
    row.refresh_from_db()
    assert (row.state, row.held_for) == ("held", "crossing")
    assert Notification.objects.get(topic="reply.held").person_id == cast.marina.person_id
    assert "a newer message came first" in at_desk.get(url).content.decode()
    gone = at_desk.post(f"{there}release/", {"anyway": "1"}, **FRAGMENT)
    assert gone.status_code == 200
    assert Message.objects.filter(direction="out", is_automatic=False).count() == 1
    assert at_desk.post(f"{there}undo/", **FRAGMENT).status_code == 409


def test_a_trainee_waits_whichever_door_and_the_mentor_decides_on_the_page(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    dasha, zoya = make_administrator(), make_agent("Zoya")
    screen = f"/settings/agents/{zoya.pk}/mentor/"
    assert at_desk.get(screen).status_code == 403
    chosen = {"mentor": cast.marina.pk, "scope": "all"}
    assert client_of(dasha).post(screen, chosen).status_code == 302
    assert Traineeship.objects.get().mentor == cast.marina
    url = f"/tickets/{cast.ticket.number}/"
    client_of(zoya).post(f"{url}messages/", reply(cast), **FRAGMENT)
    row = WaitingReply.objects.get()
    assert row.state == "review"
    program = program_of(zoya)
    by_rest = program.post(f"/tickets/{cast.ticket.number}/messages", {"text": "Hello"})
    assert (by_rest.status_code, by_rest.json()["state"]) == (202, "review")
    assert program.post(f"/waiting-replies/{row.pk}/approval", {}).status_code == 403
    assert program.post(f"/waiting-replies/{row.pk}/release", {}).status_code == 403
    first = {"text": "Hi", "requester": {"id": cast.olga.pk}, "is_ours": True}
    assert program.post("/tickets", first).status_code == 403
    with pytest.raises(Forbidden):
        start_ticket(
            actor_of(zoya),
            person=cast.olga,
            channel="email",
            subject="Hello",
            words=written_by_hand(text="Hello"),
            kind="question",
            priority=20,
        )
    dispatch_pending()
    assert set(
        Notification.objects.filter(topic="reply.waits_for_me").values_list("person_id", flat=True)
    ) == {cast.marina.person_id}
    assert not Message.objects.filter(direction="out", is_automatic=False).exists()
    listed = at_desk.get("/unsent/").content.decode()
    assert "Waiting for me" in listed
    assert "Approve and send" in listed
    assert "Approve and send" not in client_of(cast.ilya).get(url).content.decode()
    there = f"{url}waiting-replies/{row.pk}/"
    assert client_of(cast.ilya).post(f"{there}approval/", **FRAGMENT).status_code == 422
    at_desk.post(
        f"{there}approval/", {"html": "<p>Ten minutes</p>", "version": row.version}, **FRAGMENT
    )
    message = Message.objects.get(direction="out", is_automatic=False)
    assert (message.author, message.body.text) == (zoya.person, "Ten minutes")
    other = WaitingReply.objects.get(state="review")
    back = f"{url}waiting-replies/{other.pk}/return/"
    assert at_desk.post(back, {"comment": ""}, **FRAGMENT).status_code == 422
    assert at_desk.post(back, {"comment": "Too short"}, **FRAGMENT).status_code == 200
    returned = Draft.objects.get(author=zoya.person)
    assert returned.html == "Hello"
    # The comment belongs to it and crosses nothing when it is sent again.
    assert returned.seen_message_id == Message.objects.get(kind="note").pk
    set_mentor(SYSTEM, zoya, None)


def test_a_draft_is_given_taken_and_given_back_and_nobodys_words_are_lost(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    ilya = client_of(cast.ilya)
    given = reply(cast, receiver=cast.ilya.pk, comment="You know the pump")
    answer = at_desk.post(f"{url}draft/handover/", given, **FRAGMENT)
    assert toast_of(answer)["text"] == "Ilya Vetrov has the draft now"
    row = DraftHandover.objects.get()
    assert not Draft.objects.exists()
    assert "has it" in at_desk.get("/unsent/").content.decode()
    for page in (url, "/unsent/"):
        assert "You know the pump" in ilya.get(page).content.decode()
    ilya.post(f"{url}draft/", {"kind": "public", "html": "<p>I began too</p>"})
    taking = f"{url}drafts-given/{row.pk}/taking/"
    assert at_desk.post(taking, **FRAGMENT).status_code == 422  # it is not hers any more
    assert ilya.post(taking).status_code == 302
    assert Draft.objects.get().html == f"{WORDS}<hr><p>I began too</p>"
    late = at_desk.post(f"{url}drafts-given/{row.pk}/return/", **FRAGMENT)
    assert late.status_code == 409
    program = program_of(cast.ilya)
    there = f"/tickets/{cast.ticket.number}/draft/handover"
    gone = program.post(there, {"agent": cast.marina.pk})
    assert gone.status_code == 201
    assert program.post(there, {"agent": cast.marina.pk}).status_code == 404  # nothing is left
    taken = program.post(f"/drafts-given/{gone.json()['id']}/return")
    assert "20 minutes" in taken.json()["html"]
    assert ilya.get(f"{url}draft/handover/", **FRAGMENT).status_code == 200


def test_the_composer_says_loudly_to_whom_and_forwards_what_was_chosen(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    said = cast.ticket.messages.get()
    forward = at_desk.get(f"{url}?write=side&forward={said.pk}").content.decode()
    assert "The customer never sees it" in forward
    assert "The pump works" in forward.split('name="html"', 1)[1]
    aside = {
        "kind": "side",
        "html": "<p>What does it cost?</p>",
        "rich": "1",
        "to": "parts@gidromash.example",
        "subject": "Price of a valve",
    }
    customer = at_desk.post(
        f"{url}messages/", aside | {"to": identity_of(cast.olga).value}, **FRAGMENT
    )
    assert customer.status_code == 422
    assert at_desk.post(f"{url}messages/", aside, **FRAGMENT).status_code == 200
    message = Message.objects.get(kind="side")
    assert Ticket.objects.get(pk=cast.ticket.pk).status_kind == "new"
    page = at_desk.get(url).content.decode()
    assert "Price of a valve" in page
    there = at_desk.get(f"{url}?write=side&thread={message.thread_id}").content.decode()
    assert "parts@gidromash.example" in there
    again = aside | {"thread": message.thread_id, "html": "<p>And two?</p>", "subject": ""}
    at_desk.post(f"{url}messages/", again, **FRAGMENT)
    assert Message.objects.filter(thread=message.thread_id).count() == 2
    alone = at_desk.get(f"{url}?write=public&only={said.pk}", HTTP_HX_TARGET="composer", **FRAGMENT)
    assert alone.content.decode().count('name="to" value=') == 1
    # Whom else would a reply go to, where one person takes part?
    assert "Reply to this person only" not in at_desk.get(url).content.decode()
    invite_participant(cast.actor, cast.ticket, "master@polden.example")
    assert "Reply to this person only" in at_desk.get(url).content.decode()


@pytest.mark.data
def test_words_aside_go_through_the_mailbox_that_was_chosen(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    support, sales = make_mailbox("support@demo.example"), make_mailbox("sales@demo.example")
    briefly.forget()
    url = f"/tickets/{cast.ticket.number}/"
    typed = {"kind": "side", "html": "<p>How much?</p>", "rich": "1", "subject": "Price"}
    begun = typed | {"to": "parts@gidromash.example", "from": str(sales.pk)}
    assert at_desk.post(f"{url}messages/", begun, **FRAGMENT).status_code == 200
    message = Message.objects.get(kind="side")
    assert (message.account_id, message.thread.account_id) == (sales.pk, sales.pk)
    # The conversation stays there, until another mailbox is chosen for a letter.
    page = at_desk.get(f"{url}?write=side&thread={message.thread_id}").content.decode()
    assert f'value="{sales.pk}" selected' in page
    further = typed | {"thread": str(message.thread_id), "to": "parts@gidromash.example"}
    at_desk.post(f"{url}messages/", further | {"from": str(support.pk)}, **FRAGMENT)
    assert Message.objects.filter(kind="side").order_by("-pk")[0].account_id == support.pk
    # What waits remembers it.
    marina = program_of(cast.marina)
    path = f"/tickets/{cast.ticket.number}/side-conversations/{message.thread_id}/messages"
    held = marina.post(path, {"text": "And now?", "account": support.pk, "undo_seconds": 30})
    assert held.status_code == 202
    release_now(held.json()["id"])
    assert Message.objects.filter(kind="side").order_by("-pk")[0].account_id == support.pk
    refused = marina.post(path, {"text": "No", "account": 999_999})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["account"])
    assert Message.objects.filter(kind="side").count() == 3


def release_now(waiting_id: int) -> None:
    WaitingReply.objects.filter(pk=waiting_id).update(due_at=timezone.now())
    release(waiting_id)
