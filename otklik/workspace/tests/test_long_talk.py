"""A talk of two thousand messages opens as one of twenty: its latest, the rest both ways."""

from __future__ import annotations

import re
from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.tickets.models import Direction, Message, MessageBody
from otklik.tickets.queries.timeline import LATEST, WINDOW

FRAGMENT = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "timeline"}


def test_a_long_talk_is_read_in_pages_in_both_directions(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    address = f"/tickets/{cast.ticket.number}/"
    with CaptureQueriesContext(connection) as short:
        at_desk.get(address)
    thread = cast.ticket.threads.get(is_main=True)
    made = Message.objects.bulk_create(
        Message(
            ticket=cast.ticket,
            thread=thread,
            direction=Direction.IN,
            author=cast.olga,
            author_kind="customer",
            channel="email",
        )
        for _ in range(2000)
    )
    MessageBody.objects.bulk_create(
        MessageBody(message=row, text=f"Line {number}.", reply_text=f"Line {number}.")
        for number, row in enumerate(made)
    )
    with CaptureQueriesContext(connection) as long:
        page = at_desk.get(address).content.decode()
    assert len(long) <= len(short) + 4
    assert shown_in(page) == [row.pk for row in made[-LATEST:]]
    earlier = at_desk.get(link(page, "Show earlier"), **FRAGMENT).content.decode()
    assert shown_in(earlier)[-1] == made[-1].pk
    assert len(shown_in(earlier)) == LATEST + 60
    # From the beginning, and on from there to the end.
    window = at_desk.get(f"{address}?whole=1").content.decode()
    seen = shown_in(window)
    assert len(seen) == WINDOW
    while "Show later" in window:
        window = at_desk.get(link(window, "Show later"), **FRAGMENT).content.decode()
        seen += [pk for pk in shown_in(window) if pk not in seen]
    assert seen[-2000:] == [row.pk for row in made]
    # An address of a message inside the fold leads to it; one of another ticket to the latest.
    middle = made[1000].pk
    led = at_desk.get(f"{address}?message={middle}").content.decode()
    assert middle in shown_in(led)
    assert shown_in(led)[0] < middle
    assert shown_in(at_desk.get(f"{address}?message=999999999").content.decode())[-1] == made[-1].pk


def shown_in(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'<article class="said[^"]*" id="message-(\d+)"', page)]


def link(page: str, words: str) -> str:
    found = re.search(rf'hx-get="([^"]+)"[^>]*>{words}', page)
    assert found is not None
    return found[1]
