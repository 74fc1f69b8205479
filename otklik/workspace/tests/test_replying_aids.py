"""Canned replies, mentions and links to tickets where one writes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client

from otklik.channels import sending
from otklik.core.events.models import EventRow
from otklik.core.search import rebuild
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actions import create_role
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_team,
    user_of,
)
from otklik.tickets.models import Follower, Message, Ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import create_canned_reply
from otklik.workspace.canned import prepare_texts
from tests.rest.client import program_of

pytestmark = pytest.mark.data
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


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
    # By REST, a team: its members hear of it, nobody is made to follow.
    program = program_of(cast.ilya)
    sent = program.post(
        f"/tickets/{cast.ticket.number}/messages",
        {"kind": "note", "html": f'<p><span data-ref="team:{cast.service.pk}">@Service</span></p>'},
    )
    assert sent.status_code == 201
    last = EventRow.objects.filter(name="ticket.mentioned").latest("id")
    assert list(last.data["person_ids"]) == [cast.marina.person_id]
    assert Follower.objects.count() == 1
    by_id = {"kind": "note", "text": "Look", "mentions": [cast.marina.person_id, 999_999]}
    assert program.post(f"/tickets/{cast.ticket.number}/messages", by_id).status_code == 201
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
