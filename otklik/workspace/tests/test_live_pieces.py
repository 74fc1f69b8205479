"""The pieces of open tickets come over the socket as their own address has them, read together."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from otklik.core.access import NOBODY, SYSTEM
from otklik.core.realtime.socket import _request
from otklik.core.realtime.topics import Wish
from otklik.people.actions import create_role
from otklik.people.looks import looks
from otklik.people.models import Agent, Look
from otklik.people.tests.factories import actor_of, make_agent, make_team, user_of
from otklik.tickets import actions
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from otklik.ui.kept import kept
from otklik.workspace.web.live import draw_tickets

pytestmark = pytest.mark.data

PIECES = ("ticket-head", "timeline", "properties")
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")([^"]+)')


def at_desk_of(agent: Agent, *tickets: Ticket) -> Client:
    client = Client()
    client.force_login(user_of(agent))
    for ticket in tickets:
        client.get(f"/tickets/{ticket.number}/?list=mine")
    return client


def wish(agent: Agent, client: Client, ticket: Ticket, *pieces: str) -> Wish:
    cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    return Wish(
        actor_of(agent),
        f"/tickets/{ticket.number}/?list=mine",
        "en",
        str(settings.TIME_ZONE),
        dict.fromkeys(pieces or PIECES, ""),
        time.monotonic(),
        str(ticket.pk),
        lambda: _request(cookies),
    )


def drawn_now(wishes: list[Wish]) -> list[str | None]:
    return list(draw_tickets(wishes))


def fetched(client: Client, ticket: Ticket, *pieces: str) -> str:
    headers = {
        "HTTP_HX_REQUEST": "true",
        "HTTP_HX_TARGET": " ".join(pieces or PIECES),
        "HTTP_HX_CURRENT_URL": f"http://testserver/tickets/{ticket.number}/?list=mine",
    }
    answer = client.get(f"/tickets/{ticket.number}/", **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def same(html: str | None) -> str:
    return _TOKEN.sub(r"\1", html or "")


@pytest.fixture
def tickets(cast: SimpleNamespace) -> list[Ticket]:
    """Each with something of its own."""
    marina = cast.actor
    said, whole, part, tagged = (make_ticket(cast.olga, f"Mill {number}") for number in range(4))
    actions.add_note(marina, said, words=written_by_hand(text="The <sensor>, I think"))
    for number in range(35):  # events of longer talks are read from the first message shown on
        customer_writes(whole, f"Louder and louder: {number}")
    actions.link_tickets(marina, part, whole, "child")
    actions.set_tags(marina, tagged, ["E-07", "leak"])
    actions.assign_ticket(SYSTEM, tagged, cast.ilya)
    actions.follow_ticket(marina, tagged, cast.marina.person)
    actions.set_reminder(marina, tagged, timezone.now() + timedelta(days=2), note="My own")
    return [cast.ticket, said, whole, part, tagged]


def test_pieces_are_those_of_their_address_for_each_who_looks(
    cast: SimpleNamespace, tickets: list[Ticket]
) -> None:
    looking = [(agent, at_desk_of(agent, tickets[0])) for agent in (cast.marina, cast.ilya)]
    pages = [(agent, client, one) for agent, client in looking for one in tickets]
    drawn_now([wish(*pages[0])])  # the configuration is read once in two seconds
    drawn = drawn_now([wish(*page) for page in pages])
    six = [wish(*one, tickets[0]) for one in looking * 3]
    with CaptureQueriesContext(connection) as queries:
        drawn_now(six)
        asked = [query["sql"] for query in queries.captured_queries]
    wanted = [fetched(client, one) for _agent, client, one in pages]
    for got, fresh in zip(drawn, wanted, strict=True):
        assert same(got) == same(fresh)
    assert ("My own" in (drawn[4] or ""), "My own" in (drawn[9] or "")) == (True, False)
    assert "&lt;sensor&gt;" in (drawn[1] or "")
    if connection.vendor == "postgresql":
        single = [sql for sql in asked if "LATERAL" not in sql]
        for table in ("tickets_message", "events_eventrow", "tickets_participant", "people_agent"):
            assert sum(f'FROM "{table}"' in sql for sql in asked) >= 1
            assert not [sql for sql in single if f'FROM "{table}"' in sql]
        assert len(single) <= 20  # files, and configuration that is believed for two seconds
    # Two tabs of one person, and a page that shows two of the pieces only.
    client = looking[0][1]
    two = [wish(cast.marina, client, tickets[1], *PIECES[::2])] * 2
    assert [same(one) for one in drawn_now(two)] == [
        same(fetched(client, tickets[1], *PIECES[::2]))
    ] * 2


def test_forms_in_them_are_the_pages_own_and_the_look_is_noted(cast: SimpleNamespace) -> None:
    looks.forget()
    client = at_desk_of(cast.marina, cast.ticket)
    looks.forget()
    (drawn,) = drawn_now([wish(cast.marina, client, cast.ticket)])
    token = _TOKEN.search(drawn or "")
    assert token is not None
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    path = reverse("workspace:field", args=[cast.ticket.number, "priority"])
    given = {"value": "40", "csrfmiddlewaretoken": token[2]}
    assert strict.post(path, given).status_code == 302
    assert strict.post(path, given | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    cast.ticket.refresh_from_db()
    assert cast.ticket.priority == 40
    assert looks.flush() == 1
    assert Look.objects.latest("pk").person_id == cast.olga.pk
    # A page without a token for its forms asks by its address, which gives it one.
    client.cookies.pop(settings.CSRF_COOKIE_NAME)
    assert drawn_now([wish(cast.marina, client, cast.ticket)]) == [None]


def test_what_one_may_not_see_and_what_makes_no_sense_is_not_drawn(
    cast: SimpleNamespace, tickets: list[Ticket]
) -> None:
    other = make_ticket(cast.alexey, "Somebody else's", team=make_team("Service of mills"))
    client = at_desk_of(cast.marina, cast.ticket, other)
    asked = wish(cast.marina, client, other)
    kept = asked.actor.permissions - {"tickets.view"} | {"tickets.view_team"}
    narrow = replace(asked, actor=replace(asked.actor, permissions=kept))
    of_nobody = replace(narrow, actor=NOBODY)
    own = replace(narrow, address=f"/tickets/{cast.ticket.number}/", ident=str(cast.ticket.pk))
    drawn = drawn_now([narrow, asked, of_nobody, own])
    assert [bool(one) for one in drawn] == [False, True, False, True]
    # Whoever may only look is drawn a page on which nothing can be changed.
    looks_only = frozenset({"tickets.view"})
    (bare,) = drawn_now([replace(asked, actor=replace(asked.actor, permissions=looks_only))])
    assert 'name="value" data-submit disabled' in (bare or "")
    actions.merge_tickets(cast.actor, tickets[1], [other], across_customers=True)
    wrong: list[dict[str, Any]] = [
        {},  # merged away: its address leads on
        {"ident": str(tickets[1].pk)},
        {"address": "/tickets/"},
        {"address": f"/tickets/{'9' * 18}/"},
        {"address": f"/tickets/{'9' * 30}/"},
        {"address": "//elsewhere/tickets/1/"},
        {"has": {"ticket-head": "", "composer": ""}},
        {"has": {}},
        {"zone": "../etc"},
        {"language": "xx"},
    ]
    good = wish(cast.marina, client, tickets[0])
    found = drawn_now([asked, *(replace(good, **one) for one in wrong[1:]), good])
    assert [bool(one) for one in found] == [False] * len(wrong) + [True]


def test_what_tickets_have_alike_is_drawn_once_and_for_others_rights_apart(
    cast: SimpleNamespace, tickets: list[Ticket]
) -> None:
    """Menus and forms: a colleague who may only look gets none that were drawn before."""
    client = at_desk_of(cast.marina, *tickets)
    role = create_role(SYSTEM, name="Readers", permissions=["tickets.view"])
    reader = make_agent("Reader", roles_held=(role.code,))
    reading = at_desk_of(reader, tickets[0])
    kept.clear()
    with structlog.testing.capture_logs() as lines:
        drawn_now([wish(cast.marina, client, ticket) for ticket in tickets])
        first = len(kept)
        another = make_ticket(cast.olga, "One more mill")
        (mine,) = drawn_now([wish(cast.marina, client, another)])
        alike = len(kept) - first
        (theirs,) = drawn_now([wish(reader, reading, another)])
    assert "part_not_kept" not in [line["event"] for line in lines]
    assert first > 5
    assert alike <= 1
    own = f"/tickets/{another.number}/"
    assert mine is not None
    assert theirs is not None
    for address in ("split/", "links/", "participants/", "followers/", "guests/"):
        assert own + address in mine
        assert own + address not in theirs
    assert "data-submit disabled" in theirs
    assert "data-submit disabled" not in mine
    assert set(re.findall(r'action="/tickets/(\d+)/', mine)) == {str(another.number)}
