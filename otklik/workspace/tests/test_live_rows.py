"""A list that is shown live: only rows that a page does not have are sent, read once for many."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.core.access import NOBODY, SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.realtime import wire
from otklik.core.realtime.presence import here
from otklik.core.realtime.socket import _request
from otklik.core.realtime.topics import Wish
from otklik.people.models import Membership
from otklik.people.sitting import actor_sitting, actors_sitting
from otklik.people.tests.factories import actor_of, make_agent, make_team, user_of
from otklik.tickets.actions import assign_ticket, change_ticket, solve_ticket
from otklik.tickets.live import may_see, may_see_all
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from otklik.workspace.queries.shared_rows import draw_rows

pytestmark = pytest.mark.data

FRAGMENT = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "rows"}
_ROWS = re.compile(r'<article class="row.*?</article>')


def shown(html: str) -> dict[str, str]:
    """Ticket's id → its row's digest, as a page has it."""
    return dict(re.findall(r'data-id="(\d+)"[^>]*data-drawn="([0-9a-f]{8})"', html))


def wish(cast: SimpleNamespace, has: dict[str, str], address: str = "list=all") -> Wish:
    actor = actor_of(cast.marina)
    return Wish(actor, address, "en", str(settings.TIME_ZONE), has, time.monotonic())


def test_only_rows_that_a_page_does_not_have_are_sent_and_it_ends_as_a_fresh_page(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    others = [make_ticket(cast.olga, f"The mill number {number} is loud") for number in range(3)]
    solved = make_ticket(cast.alexey, "A filter every month")
    page = at_desk.get("/tickets/?list=all", **FRAGMENT).content.decode()
    nothing_new = draw_rows(wish(cast, shown(page))) or ""
    assert nothing_new.count("data-same") == 5
    assert not shown(nothing_new)
    change_ticket(SYSTEM, others[0], {"subject": "<b>Quiet</b> again"})
    solve_ticket(SYSTEM, solved)
    customer_writes(others[1], "Louder and louder")
    drawn = draw_rows(wish(cast, shown(page))) or ""
    assert shown(drawn).keys() == {str(others[0].pk), str(others[1].pk)}
    assert "&lt;b&gt;Quiet&lt;/b&gt; again" in drawn
    # Old rows in the places of those that are the same: what a fresh page shows, in its order.
    old = {re.search(r'id="(row-\d+)"', row)[1]: row for row in _ROWS.findall(page)}  # type: ignore[index]
    mended = re.sub(
        r'<article class="row" id="(row-\d+)" data-same></article>', lambda m: old[m[1]], drawn
    )
    fresh = at_desk.get("/tickets/?list=all", **FRAGMENT).content.decode()
    assert _ROWS.findall(mended) == _ROWS.findall(fresh)


def test_many_pages_share_what_was_read_but_nobody_sees_another_ones_list(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otklik.workspace.queries.shared_rows.BELIEVED", 600.0)
    asked = wish(cast, {})
    ilya = actor_of(make_agent("Ilya Vetrov"))
    assert draw_rows(asked)
    with CaptureQueriesContext(connection) as again:
        assert "does not heat" in (draw_rows(replace(asked, actor=ilya, has={})) or "")
    assert len(again) <= 2  # what he himself has read
    # A change that was heard later is never answered from before it.
    change_ticket(SYSTEM, cast.ticket, {"subject": "Now it drips"})
    assert "Now it drips" in (draw_rows(replace(asked, told_at=time.monotonic())) or "")
    # Own lists, and those of people who see their teams' tickets alone, are their own.
    assign_ticket(SYSTEM, cast.ticket, cast.marina)
    mine = wish(cast, {}, "list=mine")
    assert "Now it drips" in (draw_rows(mine) or "")
    assert draw_rows(replace(mine, actor=ilya)) is None
    kept = ilya.permissions - {"tickets.view"} | {"tickets.view_team"}
    Ticket.objects.update(team=make_team("Service"))
    assert draw_rows(replace(asked, actor=replace(ilya, permissions=kept))) is None
    assert draw_rows(replace(asked, actor=NOBODY)) is None
    # What only the address answers: groups, tables, nonsense, a view that is gone.
    for address in ("list=all&group=status", "list=all&layout=table", "q=status:x", "view=999999"):
        assert draw_rows(replace(asked, address=address)) is None
    for wrong in ({"zone": "Nowhere/At_All"}, {"zone": "../etc"}, {"language": "xx"}):
        assert draw_rows(replace(asked, **wrong)) is None  # type: ignore[arg-type]


def test_who_else_is_in_a_ticket_is_seen_by_all_but_themselves(cast: SimpleNamespace) -> None:
    asked = wish(cast, {})
    ilya = replace(asked, actor=actor_of(make_agent("Ilya Vetrov")))
    place = f"presence:{cast.ticket.pk}"
    assert "row-here" not in (draw_rows(asked) or "")
    here.arrive("a page", place, cast.marina.person_id, "reading")
    try:
        assert "Marina Kostina" in (draw_rows(ilya) or "")
        assert "row-here" not in (draw_rows(asked) or "")
        here.arrive("another", place, ilya.actor.person_id or 0, "reply")
        assert "Ilya Vetrov is writing a reply" in (draw_rows(asked) or "")
        assert "Marina Kostina is looking" in (draw_rows(ilya) or "")
    finally:
        here.leave("a page", place)
        here.leave("another", place)
    assert "row-here" not in (draw_rows(asked) or "")


def test_who_sits_before_many_pages_is_found_as_for_one(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    team = make_team("Second line")
    ilya = make_agent("Ilya Vetrov", teams=[team])
    gone = make_agent("Zoya Belova")
    requests: list[HttpRequest] = []
    for agent in (cast.marina, ilya, gone):
        client = Client()
        client.force_login(user_of(agent))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        requests.append(_request(f"{settings.SESSION_COOKIE_NAME}={key}"))
    user = user_of(gone)
    user.set_password("another one altogether")
    user.save()
    requests += [_request(f"{settings.SESSION_COOKIE_NAME}=nonsense"), _request("")]
    fresh = [_request(f"{settings.SESSION_COOKIE_NAME}={_key(one)}") for one in requests]
    assert actors_sitting(requests) == [actor_sitting(one) for one in fresh]
    with CaptureQueriesContext(connection) as for_two:
        actors_sitting([_request(_cookie(one)) for one in requests[:2]])
    with CaptureQueriesContext(connection) as for_four:
        actors_sitting([_request(_cookie(one)) for one in requests[:2] * 2])
    assert len(for_two) == len(for_four) <= 6
    found = actors_sitting([_request(_cookie(one)) for one in requests])
    assert [one.name for one in found] == ["Marina Kostina", "Ilya Vetrov", "", "", ""]
    # A right that was taken away is gone for both.
    Membership.objects.filter(agent=ilya).delete()
    assert actors_sitting([_request(_cookie(one)) for one in requests])[1].team_ids == frozenset()
    narrow = replace(found[1], permissions=frozenset({"tickets.view_team"}))
    pairs = [(who, str(pk)) for who in (found[0], narrow, NOBODY) for pk in (cast.ticket.pk, 0)]
    pairs += [(found[0], "x"), (narrow, "9" * 30)]
    assert may_see_all(pairs) == [may_see(*pair) for pair in pairs]


def _key(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def _cookie(request: HttpRequest) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={_key(request)}"


def test_pages_are_told_which_ticket_changed_and_whether_anything_moves(
    cast: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(wire, "send", lambda *messages: told.extend(messages))

    def hear(act: Callable[[], object]) -> dict[str, dict[str, Any]]:
        told.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
            dispatch_pending()
        return {one["topic"]: one for one in told if "about" in one}

    dispatch_pending()
    heard = hear(lambda: change_ticket(SYSTEM, cast.ticket, {"priority": 40}))
    assert heard.keys() == {"inbox:all", "counts:views"}
    assert (heard["inbox:all"]["about"], heard["inbox:all"]["moves"]) == (cast.ticket.pk, False)
    heard = hear(lambda: assign_ticket(SYSTEM, cast.ticket, cast.marina))
    assert heard.keys() == {
        *("inbox:all", "counts:all", "counts:views", f"mine:{cast.marina.person_id}")
    }
    heard = hear(lambda: solve_ticket(SYSTEM, cast.ticket))
    assert heard["counts:all"]["moves"] is True
    assert f"talks:{cast.olga.pk}" in heard
