"""Canned replies, mentions and links to tickets where one writes."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from otklik.channels import sending
from otklik.core.db import briefly
from otklik.core.events.models import EventRow
from otklik.core.search import rebuild
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actions import create_role
from otklik.people.models import Agent
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_team,
    user_of,
)
from otklik.tickets.actions.releasing import release
from otklik.tickets.models import Follower, Message, Ticket, WaitingReply
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import create_canned_reply
from otklik.workspace.canned import prepare_texts
from otklik.workspace.proofreading import check_reply, links
from tests.rest.client import program_of
from tests.services import PATIENCE
from tests.services.seeing import becomes

pytestmark = pytest.mark.data
FRAGMENT = {"HTTP_HX_REQUEST": "true"}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_canned_reply_is_offered_with_its_text_filled_in_and_put_into_the_editor(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    words = prepare_texts(
        cast.actor, {"en": "<p>Hello {{person.first_name}} from {{team.name}}</p>"}
    )
    row = create_canned_reply(
        cast.actor, name="Greeting", words=words, hint="For the first reply", tags=["start"]
    )
    url = f"/tickets/{cast.ticket.number}/canned-replies/"
    offered = at_desk.get(url, {"q": "star"}).content.decode()
    assert "For the first reply" in offered
    assert "Hello Olga from [Name of the team]" in offered
    filled = at_desk.post(f"{url}{row.pk}/insertion/").json()
    assert "<mark>[Name of the team]</mark>" in filled["html"]
    assert at_desk.post(f"{url}9999/insertion/").status_code == 404
    ilya = Client()
    ilya.force_login(user_of(cast.ilya))
    assert ilya.get(url).content.decode().strip() == ""
    assert ilya.post(f"{url}{row.pk}/insertion/").status_code == 404


def test_the_settings_hold_everybodys_and_the_account_ones_own(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    form = {
        "name": "Restart",
        "html-en": "<p>Off and on</p>",
        "hint": "Pumps",
        "tags": "pump, Pump",
    }
    assert at_desk.get("/settings/canned-replies/").status_code == 403
    made = at_desk.post("/account/canned-replies/new/", form)
    assert made.status_code == 302
    page = at_desk.get("/account/canned-replies/").content.decode()
    assert "Restart" in page
    refused = at_desk.post("/account/canned-replies/new/", {"name": "Nothing"})
    assert refused.status_code == 422
    dasha = Client()
    dasha.force_login(user_of(make_administrator()))
    assert "Restart" not in dasha.get("/settings/canned-replies/").content.decode()
    shared = form | {"scope": "team", "team": str(cast.service.pk), "name": "For service"}
    assert dasha.post("/settings/canned-replies/new/", shared).status_code == 302
    listed = dasha.get("/settings/canned-replies/", {"q": "service"}).content.decode()
    assert "For service" in listed
    number = listed.split("/settings/canned-replies/")[-1].split("/")[0]
    assert at_desk.post(f"/settings/canned-replies/{number}/removal/").status_code == 403
    assert dasha.post(f"/settings/canned-replies/{number}/removal/").status_code == 302
    assert "For service" not in dasha.get("/settings/canned-replies/").content.decode()
    dasha.post(f"/settings/canned-replies/{number}/removal/?undo=1")
    assert "For service" in dasha.get("/settings/canned-replies/").content.decode()


def test_colleagues_who_may_see_the_ticket_are_offered_told_and_follow(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    narrow = create_role(
        actor_of(make_administrator()), name="N", permissions=["tickets.view_team"]
    )
    outside = make_agent("Ilona Far", roles_held=[narrow.code], teams=[make_team("Far")])
    Ticket.objects.filter(pk=cast.ticket.pk).update(team=cast.service)
    offered = at_desk.get("/options/mentions/", {"q": "il", "ticket": cast.ticket.number})
    assert f"person:{cast.ilya.person_id}" in offered.content.decode()
    assert f"person:{outside.person_id}" not in offered.content.decode()
    assert "team:" in at_desk.get("/options/mentions/", {"q": "serv"}).content.decode()
    named = "".join(
        f'<span data-ref="person:{who.person_id}">@{who.person.name}</span> '
        for who in (cast.ilya, outside, cast.marina)
    )
    html = f'<p>{named} <span data-ref="ticket:{cast.ticket.number}">#1</span></p>'
    url = f"/tickets/{cast.ticket.number}/messages/"
    at_desk.post(url, {"kind": "note", "rich": "1", "html": html}, **FRAGMENT)
    told = EventRow.objects.get(name="ticket.mentioned")
    assert list(told.data["person_ids"]) == [cast.ilya.person_id]
    assert list(Follower.objects.values_list("person_id", flat=True)) == [cast.ilya.person_id]
    page = at_desk.get(f"/tickets/{cast.ticket.number}/").content.decode()
    assert f'data-ref="person:{cast.ilya.person_id}"' in page
    assert f'<a href="/tickets/{cast.ticket.number}/">#1</a>' in page
    # By REST, a team: its members hear of it and follow, as those named by name do.
    program = program_of(cast.ilya)
    sent = program.post(
        f"/tickets/{cast.ticket.number}/messages",
        {"kind": "note", "html": f'<p><span data-ref="team:{cast.service.pk}">@Service</span></p>'},
    )
    assert sent.status_code == 201
    last = EventRow.objects.filter(name="ticket.mentioned").latest("id")
    assert list(last.data["person_ids"]) == [cast.marina.person_id]
    assert Follower.objects.count() == 2
    by_id = {"kind": "note", "text": "Look", "mentions": [cast.marina.person_id, 999_999]}
    by_id["team_mentions"] = [cast.service.pk]
    assert program.post(f"/tickets/{cast.ticket.number}/messages", by_id).status_code == 201
    assert EventRow.objects.filter(name="ticket.mentioned").count() == 3
    assert Follower.objects.count() == 2


def test_a_customer_reads_plain_words_where_staff_has_links(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    make_mailbox("support@demo.example")
    secret = make_ticket(make_customer("Alexey"), subject="The secret merger")
    html = f'<p>As in <span data-ref="ticket:{secret.number}">#{secret.number}</span></p>'
    address = cast.ticket.requester_identity.value
    at_desk.post(
        f"/tickets/{cast.ticket.number}/messages/",
        {"kind": "public", "rich": "1", "html": html, "to": address, "anyway": "1"},
        **FRAGMENT,
    )
    message = Message.objects.get(ticket=cast.ticket, direction="out", is_automatic=False)
    assert "data-ref" in message.body.html
    message.refresh_from_db()
    letter = sending.build(message, {"to": [cast.ticket.requester_identity_id]})
    assert f"#{secret.number}" in letter.html
    assert "data-ref" not in letter.html
    assert "secret" not in letter.html + letter.text


def test_tickets_are_offered_by_number_and_words_only_to_who_may_see_them(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    rebuild("ticket")
    url, number = "/options/references/", cast.ticket.number
    for query in (str(number), "machine hea"):
        assert f"ticket:{number}" in at_desk.get(url, {"q": query}).content.decode()
    narrow = create_role(
        actor_of(make_administrator()), name="N", permissions=["tickets.view_team"]
    )
    outside = make_agent("Outside", roles_held=[narrow.code])
    Ticket.objects.filter(pk=cast.ticket.pk).update(team=cast.service)
    client = Client()
    client.force_login(user_of(outside))
    assert client.get(url, {"q": str(number)}).content.decode().strip() == ""
    assert at_desk.get(url, {"q": "9" * 17}).status_code == 200


def test_a_reply_is_held_once_for_what_is_found_and_the_same_send_again_sends(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    address = cast.ticket.requester_identity.value
    url = f"/tickets/{cast.ticket.number}/messages/"
    data = {
        "kind": "public",
        "rich": "1",
        "html": "<p>Dear John, please find attached the invoice.</p>",
        "to": address,
        "status": "pending",
    }
    held = at_desk.post(url, data, **FRAGMENT)
    assert held.status_code == 422
    assert held.headers["HX-Retarget"] == "#composer-notice"
    page = held.content.decode()
    assert 'data-quote="John"' in page
    keys = re.findall(r'name="checked" value="([^"]*)"', page)
    assert {key.partition(":")[0] for key in keys} == {"name", "attachment"}
    assert not Message.objects.filter(ticket=cast.ticket, direction="out", is_automatic=False)
    changed = data | {"html": data["html"] + "<p>{{name}}</p>", "checked": keys}
    assert at_desk.post(url, changed, **FRAGMENT).status_code == 422
    assert at_desk.post(url, data | {"checked": keys}, **FRAGMENT).status_code == 200
    note = {"kind": "note", "rich": "1", "html": "<p>Dear John, see {{this}}, idiot</p>"}
    assert at_desk.post(url, note, **FRAGMENT).status_code == 200


def test_each_check_is_switched_by_administrators_and_asked_by_rest(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    path = f"/tickets/{cast.ticket.number}/messages/check"
    program = program_of(cast.marina)
    asked = {"text": "Dear John, you idiot. Your number is XXX."}
    told = program.post(path, asked).json()["findings"]
    assert [(one["check"], one["quote"]) for one in told] == [
        ("name", "John"),
        ("harsh", "idiot"),
        ("gap", "XXX"),
    ]
    assert asked["text"][told[0]["start"] : told[0]["end"]] == "John"
    assert at_desk.get("/settings/reply-checks/").status_code == 403
    dasha = Client()
    dasha.force_login(user_of(make_administrator()))
    page = dasha.get("/settings/reply-checks/").content.decode()
    assert page.count('type="checkbox"') >= 6
    assert dasha.post("/settings/reply-checks/", {"harsh": "on"}).status_code == 302
    told = program.post(path, asked).json()["findings"]
    assert [one["check"] for one in told] == ["harsh"]
    outsider = program_of(make_agent("Reader"), scopes=["tickets.view"])
    assert outsider.post(path, asked).status_code == 403


def links_found(cast: SimpleNamespace, html: str, base: str) -> list[str]:
    found = check_reply(cast.ticket, html=html)
    return [one.quote.removeprefix(base) for one in found if one.check == "link"]


def test_a_dead_link_is_found_and_a_network_out_of_reach_says_nothing(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    released = threading.Event()

    class Site(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            if self.path == "/slow":
                released.wait(PATIENCE)
            self.send_response(404 if self.path in ("/gone", "/only-head") else 200)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/gone" else 200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    settings = replace(config(), private_targets=(ip_network("127.0.0.1/32"),))
    monkeypatch.setattr(links, "config", lambda: settings)
    monkeypatch.setattr(links, "PATIENCE", 0.3)
    monkeypatch.setattr(links, "_ONE", 3 * PATIENCE)
    pages = ("/gone", "/only-head", "/there", "/slow")
    html = "".join(f'<p><a href="{base}{page}">{page}</a></p>' for page in pages)
    html += '<p><a href="https://nowhere.invalid/">nowhere</a></p>'
    try:
        # One of them is not answered: a reply does not wait for it.
        becomes(lambda: links_found(cast, html, base), ["/gone"])
        released.set()
        becomes(lambda: [one for one in links._running if one.startswith(base)], [])
        count = len(asked)
        check_reply(cast.ticket, html=html.replace("/slow", "/there"))
        assert len(asked) == count
        monkeypatch.setattr(links, "config", config)
        outside = f'<a href="http://127.0.0.1:{server.server_port}/gone?private">x</a>'
        assert not [one for one in check_reply(cast.ticket, html=outside) if one.check == "link"]
    finally:
        released.set()
        server.shutdown()
        server.server_close()


def test_the_signature_of_the_chosen_mailbox_is_shown_and_sent(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    support = make_mailbox("support@demo.example")
    sales = make_mailbox("sales@demo.example")
    text = {"en": "Sales team of {{ brand.name }}, {{ agent.name }}", "ru": "Отдел продаж"}
    Account.objects.filter(pk=sales.pk).update(config={**sales.config, "signatures": text})
    Agent.objects.filter(pk=cast.marina.pk).update(signature="Marina, service desk")
    Ticket.objects.filter(pk=cast.ticket.pk).update(account=support)
    page = at_desk.get(f"/tickets/{cast.ticket.number}/?write=public").content.decode()
    assert f'data-signature="{support.pk}"' in page
    assert "Marina, service desk" in page
    assert "Sales team of" in page
    url, address = f"/tickets/{cast.ticket.number}/", cast.ticket.requester_identity.value
    kept = {"kind": "public", "html": "<p>x</p>", "to": address, "from": str(sales.pk)}
    assert at_desk.post(f"{url}draft/", kept).status_code == 200
    again = at_desk.get(f"{url}?write=public").content.decode()
    assert re.search(rf'value="{sales.pk}" selected', again)
    data = {**kept, "html": "<p>The price is 5 euros.</p>", "rich": "1"}
    stranger = make_mailbox("old@demo.example")
    Account.objects.filter(pk=stranger.pk).update(is_active=False)
    briefly.forget()
    wrong = at_desk.post(f"{url}messages/", data | {"from": str(stranger.pk)}, **FRAGMENT)
    assert wrong.status_code == 422
    assert at_desk.post(f"{url}messages/", data, **FRAGMENT).status_code == 200
    message = Message.objects.get(ticket=cast.ticket, direction="out", is_automatic=False)
    assert message.account_id == sales.pk
    letter = sending.build(message, {"to": [cast.ticket.requester_identity_id]})
    assert letter.sender.address == "sales@demo.example"
    assert "Sales team of" in letter.text
    told = program_of(cast.marina).get(f"/tickets/{cast.ticket.number}/senders").json()
    assert [one["account"] for one in told][:2] == [support.pk, sales.pk]
    assert told[0]["signature"] == "Marina, service desk"
    by_rest = {"text": "Yes", "to": [address], "account": 999_999}
    refused = program_of(cast.marina).post(f"/tickets/{cast.ticket.number}/messages", by_rest)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["account"])


@pytest.mark.data
def test_pictures_of_a_program_become_parts_of_the_letter(cast: SimpleNamespace) -> None:
    make_mailbox("support@demo.example")
    briefly.forget()
    marina = program_of(cast.marina)
    pixel = base64.b64encode(PIXEL).decode()
    token = marina.upload("plan.png", PIXEL, "image/png").json()["token"]
    html = (
        f'<p>Turn it <img src="cid:{token}" alt="plan"> so'
        f' <img src="data:image/png;base64,{pixel}" alt="dot">'
        ' <img src="cid:image001.png@01D" alt="foreign"></p>'
    )
    url = f"/tickets/{cast.ticket.number}/messages"
    sent = marina.post(url, {"html": html, "uploads": [token]})
    assert sent.status_code == 201, sent.content
    message = Message.objects.get(pk=sent.json()["id"])
    files = list(message.attachments.order_by("pk"))
    assert [(row.is_inline, row.content_type) for row in files] == [(True, "image/png")] * 2
    body = message.body.html
    assert [f'src="cid:{row.content_id}"' in body for row in files] == [True, True]
    assert "data:" not in body
    assert "image001" not in body
    letter = sending.build(message, {"to": [cast.ticket.requester_identity_id]})
    assert [part.is_inline for part in letter.files] == [True, True]
    # What waits is put together the same way when it leaves.
    held = marina.post(url, {"html": html, "undo_seconds": 30, "goes_anyway": True})
    WaitingReply.objects.update(due_at=timezone.now())
    left = release(held.json()["id"])
    assert left is not None
    assert left.attachments.filter(is_inline=True).count() == 2
    broken = marina.post(url, {"html": '<p><img src="data:image/png;base64,AAA"></p>'})
    assert (broken.status_code, list(broken.json()["fields"])) == (422, ["html"])
