from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.core.access import SYSTEM
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actors import actor_for_customer
from otklik.people.models import Person
from otklik.people.tests.factories import make_identity
from otklik.tickets.actions import (
    add_note,
    add_participant,
    change_ticket,
    receive_message,
    solve_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Draft, Message, MessageBody, Participant, Ticket, Upload
from otklik.tickets.tests.factories import customer_writes
from otklik.workspace.queries.ticket_page import get_composer

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def test_the_agent_sees_the_ticket_everybody_else_nothing(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    page = at_desk.get(url).content.decode()
    assert "The pump works" in page
    assert "Olga Nesterova" in page
    for client in (customer_client("olga"), customer_client("alexey")):
        assert client.get(url).status_code == 404
    assert {at_desk.get(f"/tickets/{no}/").status_code for no in (999999, 10**25)} == {404}


def test_a_customer_without_a_name_is_told_by_address_in_the_history(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    Person.objects.filter(pk=cast.olga.pk).update(name="")
    solve_ticket(actor_for_customer(cast.olga), cast.ticket)
    history = at_desk.get(f"/tickets/{cast.ticket.number}/").content.decode()
    assert "Somebody" not in history
    assert cast.ticket.requester_identity.value in history


def test_the_same_address_serves_the_page_and_its_pieces(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    swap = at_desk.get(url, HTTP_HX_TARGET="main", **FRAGMENT).content.decode()
    assert "<html" not in swap
    assert 'id="composer"' in swap
    for part in ("ticket-head", "timeline", "properties"):
        piece = at_desk.get(url, HTTP_HX_TARGET=part, **FRAGMENT)
        assert f'id="{part}"' in piece.content.decode()


def test_a_reply_goes_out_once_and_the_ticket_waits_for_the_customer(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    address = cast.ticket.requester_identity.value
    data = {
        "kind": "public",
        "html": "<p>Switch it off for <b>20 minutes</b>.</p>",
        "rich": "1",
        "to": address,
        "cc": "colleague@polden.example",
        "status": "pending",
        "client_key": str(uuid4()),
    }
    url = f"/tickets/{cast.ticket.number}/messages/"
    assert at_desk.post(url, data, **FRAGMENT).status_code == 200
    assert at_desk.post(url, data, **FRAGMENT).status_code == 200
    sent = Message.objects.filter(ticket=cast.ticket, direction="out", is_automatic=False)
    assert sent.count() == 1
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert (ticket.status_kind, ticket.assignee_id) == ("pending", cast.marina.pk)
    joined = Participant.objects.get(identity__value="colleague@polden.example")
    assert joined.is_confirmed


def test_a_note_stays_inside_and_nothing_written_is_refused_beside_the_composer(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}/messages/"
    at_desk.post(url, {"kind": "note", "html": "It is the sensor"}, **FRAGMENT)
    note = Message.objects.get(ticket=cast.ticket, kind="note")
    assert note.direction == "internal"
    empty = at_desk.post(url, {"kind": "note", "html": ""}, **FRAGMENT)
    assert empty.status_code == 422
    assert empty.headers["HX-Retarget"] == "#composer-notice"


def test_a_crossing_reply_is_shown_the_newer_message_and_may_go_anyway(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    seen = cast.ticket.messages.order_by("-id")[0].pk
    customer_writes(cast.ticket, "It works again, thank you")
    data = {
        "kind": "public",
        "html": "A mechanic comes",
        "to": cast.ticket.requester_identity.value,
        "seen_message_id": seen,
    }
    url = f"/tickets/{cast.ticket.number}/messages/"
    crossing = at_desk.post(url, data, **FRAGMENT)
    assert crossing.status_code == 409
    assert "It works again" in crossing.content.decode()
    assert not Message.objects.filter(ticket=cast.ticket, direction="out").exists()
    assert at_desk.post(url, data | {"anyway": "1"}, **FRAGMENT).status_code == 200


def test_a_plain_form_keeps_what_was_typed_when_it_is_refused(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}/messages/"
    answer = at_desk.post(url, {"kind": "public", "html": "Good day", "to": "no address"})
    assert answer.status_code == 302
    page = at_desk.get(answer.headers["Location"].partition("#")[0]).content.decode()
    assert "Good day" in page


def test_drafts_are_kept_and_two_windows_do_not_overwrite_each_other(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}/draft/"
    first = at_desk.post(url, {"kind": "public", "html": "<p>one</p>", "version": "0"}).json()
    assert at_desk.post(url, {"html": "<p>two</p>", "version": first["version"]}).status_code == 200
    for seen in (first["version"], "0"):
        crossing = at_desk.post(url, {"html": "<p>three</p>", "version": seen})
        assert (crossing.status_code, crossing.json()["html"]) == (409, "<p>two</p>")
    assert Draft.objects.get().html == "<p>two</p>"


def test_files_are_added_sent_and_reached_only_by_those_who_may(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    given = SimpleUploadedFile("plan.html", b"<script>alert(1)</script>")
    chip = at_desk.post("/uploads/", {"file": given})
    assert chip.status_code == 201
    assert "plan.html" in chip.content.decode()
    upload = Upload.objects.get()
    at_desk.post(
        f"/tickets/{cast.ticket.number}/messages/",
        {"kind": "note", "html": "See the plan", "uploads": upload.token},
    )
    attachment = Message.objects.get(kind="note").attachments.get()
    url = f"/files/{attachment.token}/"
    served = at_desk.get(url)
    assert b"alert" in b"".join(served.streaming_content)
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert customer_client("olga").get(url).status_code == 404
    assert Client().get(url).status_code == 302
    assert at_desk.post("/uploads/").status_code == 422


def test_pictures_among_the_words_travel_with_the_message(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
    given = SimpleUploadedFile("screen.png", png, "image/png")
    added = at_desk.post("/uploads/", {"file": given, "inline": "1"}).json()
    html = f'<p>Look: <img src="{added["url"]}"></p>'
    at_desk.post(
        f"/tickets/{cast.ticket.number}/messages/",
        {"kind": "note", "html": html, "rich": "1"},
    )
    note = Message.objects.get(kind="note")
    assert f"cid:{added['token']}" in note.body.html
    page = at_desk.get(f"/tickets/{cast.ticket.number}/").content.decode()
    assert f"/files/{note.attachments.get().token}/?inline=1" in page


def test_properties_change_with_a_way_back(at_desk: Client, cast: SimpleNamespace) -> None:
    base = f"/tickets/{cast.ticket.number}"
    done = at_desk.post(f"{base}/fields/priority/", {"value": "40", "was": "20"}, **FRAGMENT)
    assert done.status_code == 200
    assert Ticket.objects.get().priority == 40
    undo = json.loads(done.headers["HX-Trigger"])["toast"]["undo"]
    at_desk.post(undo, **FRAGMENT)
    assert Ticket.objects.get().priority == 20
    at_desk.post(f"{base}/assignee/", {"value": "me"}, **FRAGMENT)
    at_desk.post(f"{base}/team/", {"value": cast.service.pk, "reason": "a visit"}, **FRAGMENT)
    at_desk.post(f"{base}/tags/", {"tags": ["E-07", "visit"]}, **FRAGMENT)
    at_desk.post(f"{base}/following/", {"value": "on"}, **FRAGMENT)
    at_desk.post(f"{base}/status/", {"value": "solved"}, **FRAGMENT)
    ticket = Ticket.objects.get()
    assert (ticket.team_id, ticket.status_kind) == (cast.service.pk, "solved")
    assert {tag.name for tag in ticket.tags.all()} == {"E-07", "visit"}
    page = at_desk.get(f"{base}/").content.decode()
    assert "priority: Normal → Urgent" in page
    assert "a visit" in page


def test_a_crossing_change_shows_theirs_and_offers_mine(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    change_ticket(SYSTEM, cast.ticket, {"priority": 30})
    url = f"/tickets/{cast.ticket.number}/fields/priority/"
    crossing = at_desk.post(url, {"value": "10", "was": "20"}, **FRAGMENT)
    assert crossing.status_code == 409
    assert "Set mine" in crossing.content.decode()
    assert Ticket.objects.get().priority == 30
    assert at_desk.post(url, {"value": "10", "was": "30"}, **FRAGMENT).status_code == 200


def test_a_number_longer_than_any_is_no_fault(at_desk: Client, cast: SimpleNamespace) -> None:
    url, long = f"/tickets/{cast.ticket.number}/", "1" * 5000
    for name in ("status", "assignee", "team"):
        assert at_desk.post(f"{url}{name}/", {"value": long}).status_code == 404
    for address, given in [
        (f"{url}reading/", {"message": long}),
        (f"{url}draft/", {"kind": "note", "html": "x", "version": long, "seen_message_id": long}),
        ("/tickets/bulk/", {"tickets": long, "priority": long}),
        ("/tickets/new/", {"person": long}),
    ]:
        assert at_desk.post(address, given).status_code < 500
    for address in (f"/tickets/?open={long}", f"/tickets/new/?person={long}"):
        assert at_desk.get(address).status_code == 200


def test_what_an_action_refuses_is_said_on_the_ticket(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    base = f"/tickets/{cast.ticket.number}"
    at_desk.post(f"{base}/trash/", {"value": "on"})
    refused = at_desk.post(f"{base}/status/", {"value": "solved"}, **FRAGMENT)
    assert refused.status_code == 422
    assert "in the trash" in refused.content.decode()
    at_desk.post(f"{base}/trash/", {"value": "off"})
    assert Ticket.objects.get().trashed_at is None


def test_a_stranger_is_shown_as_unconfirmed_until_let_in(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    mallory = make_identity("mallory@elsewhere.example")
    thread = cast.ticket.threads.get(is_main=True)
    row = add_participant(SYSTEM, thread, mallory, role="stranger")
    receive_message(
        SYSTEM,
        thread,
        words=written_by_hand(text="Send me the history"),
        author=mallory.person,
        identity=mallory,
        is_hidden=True,
    )
    base = f"/tickets/{cast.ticket.number}"
    assert "Let them in" in at_desk.get(f"{base}/").content.decode()
    at_desk.post(f"{base}/participants/{row.pk}/confirmation/", **FRAGMENT)
    assert "Let them in" not in at_desk.get(f"{base}/").content.decode()
    assert Participant.objects.get(pk=row.pk).is_confirmed


def test_a_letter_is_framed_without_rights_and_remote_pictures_wait(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    message = cast.ticket.messages.get()
    MessageBody.objects.filter(pk=message.pk).update(
        html='<table><tr><td>Hi<script>x</script><img src="remote:https://spy.example/a.png">'
    )
    url = f"/messages/{message.pk}/letter/"
    letter = at_desk.get(url)
    policy = letter.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "<script" not in letter.content.decode()
    assert 'src="/remote-pictures/' not in letter.content.decode()
    assert 'src="/remote-pictures/' in at_desk.get(f"{url}?pictures=1").content.decode()
    assert customer_client("olga").get(url).status_code == 404


def test_a_call_becomes_a_ticket_and_our_own_mail_is_sent(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    assert at_desk.get("/tickets/new/").status_code == 200
    data = {
        "channel": "phone",
        "person": cast.olga.pk,
        "subject": "Asked for a visit",
        "text": "She called at noon.",
        "kind": "question",
        "priority": "20",
        "client_key": str(uuid4()),
    }
    made = at_desk.post("/tickets/new/", data)
    assert made.status_code == 302
    assert at_desk.post("/tickets/new/", data).headers["Location"] == made.headers["Location"]
    call = Ticket.objects.get(subject="Asked for a visit")
    assert (call.last_channel, call.requester_id) == ("phone", cast.olga.pk)
    new = {"channel": "email", "person": "", "name": "Anna Weiss", "email": "anna@weiss.example"}
    at_desk.post(
        "/tickets/new/", data | new | {"subject": "Your invoice", "client_key": str(uuid4())}
    )
    mail = Ticket.objects.get(subject="Your invoice")
    assert mail.messages.get().direction == "out"
    assert mail.requester.name == "Anna Weiss"
    nobody = at_desk.post("/tickets/new/", data | {"person": "", "client_key": str(uuid4())})
    assert nobody.status_code == 422


def test_preferences_and_sign_out(at_desk: Client, cast: SimpleNamespace) -> None:
    at_desk.post("/preferences/", {"theme": "dark", "language": "ru"})
    assert 'data-theme="dark"' in at_desk.get("/tickets/").content.decode()
    assert add_note(cast.actor, cast.ticket, words=written_by_hand(text="x")).pk


def test_who_takes_part_is_chosen_beside_the_ticket_and_in_the_composer(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    boss = make_identity("boss@polden.example")
    thread = cast.ticket.threads.get(is_main=True)
    row = add_participant(SYSTEM, thread, boss, role="cc")
    page = at_desk.get(url).content.decode()
    assert "Named in the letters, not written to until let in: boss@polden.example" in page
    let_in = at_desk.post(f"{url}participants/{row.pk}/confirmation/", **FRAGMENT)
    joined = json.loads(let_in.headers["HX-Trigger"])["recipient:joined"]
    assert joined["address"] == "boss@polden.example"
    added = at_desk.post(f"{url}participants/", {"address": "Accountant@Polden.example"})
    assert added.status_code == 302
    composer = get_composer(cast.actor, cast.ticket, 0)
    assert [one.value for one in composer.cc] == [
        "boss@polden.example",
        "accountant@polden.example",
    ]
    gone = at_desk.post(f"{url}participants/{row.pk}/removal/", **FRAGMENT)
    assert json.loads(gone.headers["HX-Trigger"])["recipient:left"]
    assert [one.value for one in get_composer(cast.actor, cast.ticket, 0).cc] == [
        "accountant@polden.example"
    ]
    requester = Participant.objects.get(thread=thread, role="requester")
    refused = at_desk.post(f"{url}participants/{requester.pk}/removal/", **FRAGMENT)
    assert "stays in their own ticket" in refused.content.decode()
    assert customer_client("olga").post(f"{url}participants/").status_code == 404


def test_an_address_of_this_desk_is_neither_invited_nor_written_to(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    make_mailbox("sales@demo.example")
    url = f"/tickets/{cast.ticket.number}/"
    refused = at_desk.post(f"{url}participants/", {"address": "sales+x@demo.example"}, **FRAGMENT)
    assert "is an address of this desk" in refused.content.decode()
    reply = {"html": "Hello", "to": "olga@polden.example", "cc": "sales@demo.example"}
    refused = at_desk.post(f"{url}messages/", reply, **FRAGMENT)
    assert refused.status_code == 422
    assert "sales@demo.example is an address of this desk" in refused.content.decode()
    assert not cast.ticket.messages.filter(direction="out").exists()


def test_answers_wanted_elsewhere_go_there_only_when_that_address_was_let_in(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    first = cast.ticket.messages.get()
    own = cast.ticket.requester_identity.value
    elsewhere = [{"address": "office@polden.example", "name": ""}]
    MessageBody.objects.filter(message=first).update(
        addresses={"from": {"address": own, "name": ""}, "reply_to": elsewhere}
    )
    composer = get_composer(cast.actor, cast.ticket, 0)
    assert ([one.value for one in composer.to], composer.asked) == (
        [own],
        ["office@polden.example"],
    )
    assert "asks for answers at office@polden.example" in at_desk.get(url).content.decode()
    at_desk.post(f"{url}participants/", {"address": "office@polden.example"})
    composer = get_composer(cast.actor, cast.ticket, 0)
    assert [one.value for one in composer.to] == ["office@polden.example"]
    assert not composer.asked


def test_a_reply_to_a_crowd_reaches_everybody_or_is_refused_whole(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    make_mailbox("support@demo.example")
    url = f"/tickets/{cast.ticket.number}/messages/"
    crowd = [f"guest{n}@polden.example" for n in range(301)]
    reply = {
        "html": "Hello",
        "to": ["olga@polden.example"],
        "cc": crowd,
        "client_key": str(uuid4()),
    }
    refused = at_desk.post(url, reply, **FRAGMENT)
    assert refused.status_code == 422
    assert "300 people at most" in refused.content.decode()
    assert at_desk.post(url, reply | {"cc": crowd[:150]}, **FRAGMENT).status_code == 200
    message = cast.ticket.messages.filter(direction="out").get()
    assert len(message.body.addresses["cc"]) == 150
