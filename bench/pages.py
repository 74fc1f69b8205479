"""Pages and REST, asked by one client and by four at once."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import quote

from bench.bare import Bare
from bench.clients import Client, Figures, measure
from bench.lines import MIX, Line, line_of
from bench.running import Running
from bench.texts import COMMON, MIDDLE, serial

COUNTS = {"HX_Request": "true", "HX_Target": "nav-lists"}
_QUERIES = ("вода", "boiler", "акт", "датчик ошибка", "помол", "зерно", "invoice", "нет такого")
_Do = Callable[[int], object]


def measure_pages(desk: Running, plain: Bare, times: int) -> Iterator[Line]:
    lots = random.Random(4)  # noqa: S311
    numbers = lots.choices(range(1, desk.size + 1), k=times)
    words = [_QUERIES[at % len(_QUERIES)] for at in range(times)]
    pages: list[tuple[str, Callable[[int], str], dict[str, str], Figures]] = [
        ("inbox page", lambda at: "/tickets/?list=all", {}, plain.list_page(times)),
        ("ticket page", lambda at: f"/tickets/{numbers[at]}/", {}, plain.ticket(numbers)),
        ("search", lambda at: f"/tickets/?q={quote(words[at])}", {}, plain.search(words)),
        ("counts of the lists", lambda at: "/tickets/?list=all", COUNTS, plain.counts(times)),
    ]
    for name, path, headers, cost in pages:
        for clients in (1, 4):
            figures = measure(page(desk, path, **headers), times=times, clients=clients)
            yield line_of(name, figures, clients, cost)
    mixed = [
        word
        for words in zip(*mixed_words(desk.size, times).values(), strict=True)
        for word in words
    ]
    figures = measure(page(desk, lambda at: f"/tickets/?q={quote(mixed[at])}"), times=times)
    yield line_of(MIX, figures, 1, plain.search(mixed[:times]))


def mixed_words(size: int, times: int) -> dict[str, list[str]]:
    """What people look for, by how much there is of it."""
    lots = random.Random(5)  # noqa: S311
    return {
        "common": lots.choices(COMMON, k=times),
        "middle": lots.choices(MIDDLE, k=times),
        "rare": [serial(seed) for seed in lots.choices(range(5, size * 5), k=times)],
        "two words": [f"{lots.choice(COMMON)} {lots.choice(MIDDLE)}" for _ in range(times)],
        "beginning": [word[:5] for word in lots.choices(MIDDLE, k=times)],
        "nothing": [f"никтонеписал{at}" for at in range(times)],
    }


def page(desk: Running, path: Callable[[int], str], **headers: str) -> Callable[[int], _Do]:
    """For ``measure``: clients who are signed in and get what ``path`` says."""

    def make(_number: int) -> _Do:
        client = Client(desk.port).sign_in()
        return lambda at: client.get(path(at), **headers)

    return make


def measure_rest(desk: Running, plain: Bare, times: int) -> Iterator[Line]:
    cost = plain.list_page(times)

    def reading(number: int) -> _Do:
        client = Client(desk.port, desk.tokens[number])
        return lambda at: client.get("/api/v1/tickets?limit=50")

    def creating(first: int) -> Callable[[int], _Do]:
        def make(number: int) -> _Do:
            client = Client(desk.port, desk.tokens[first + number])

            def create(at: int) -> bytes:
                body = {
                    "subject": f"Помпа гудит {at}",
                    "text": "Громко гудит помпа, кофе льётся тонкой струйкой. " * 4,
                    "requester": {"address": f"c{at % 40}@customers.example"},
                }
                headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
                return client.ask("POST", "/api/v1/tickets", json.dumps(body), headers)

            return create

        return make

    for clients in (1, 4):
        figures = measure(reading, times=times, clients=clients)
        yield line_of("REST list of 50", figures, clients, cost)
    for clients, first in ((1, 4), (4, 5)):
        figures = measure(creating(first), times=times, clients=clients)
        yield line_of("REST create", figures, clients, plain.write_tickets(50))
