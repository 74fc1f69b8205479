import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest

from otklik.core.access import NOBODY, Actor, ActorKind
from otklik.core.realtime import register_topic, topics, wire
from otklik.core.realtime.hub import Hub
from otklik.core.realtime.socket import is_own_origin, serve_socket
from otklik.core.settings import config
from tests.services import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True)]

MARINA = replace(NOBODY, kind=ActorKind.AGENT, person_id=1, scopes=frozenset({"staff"}))
versions = {"42": 7, "43": 1}
readers: set[str] = set()


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = replace(config(), home=tmp_path, redis_url="")
    for module in ("wire", "listen"):
        monkeypatch.setattr(f"otklik.core.realtime.{module}.config", lambda: here)
    versions.update({"42": 7, "43": 1})
    readers.clear()
    readers.update({"42", "43"})
    monkeypatch.setattr(topics, "_kinds", dict(topics._kinds))
    register_topic("ticket", lambda actor, ident: actor.is_staff and ident in readers, versions.get)
    register_topic("inbox", lambda actor, ident: actor.is_staff)


class Page:
    """A browser's end of a socket."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def say(self, **message: Any) -> None:
        await self.sent.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def hear(self, patience: float = PATIENCE) -> dict[str, Any]:
        return await asyncio.wait_for(self.frames.get(), patience)

    async def hears_nothing(self, patience: float = 0.3) -> bool:
        try:
            await self.hear(patience)
        except TimeoutError:
            return True
        return False

    async def from_desk(self, message: Any) -> None:
        if message["type"] == "websocket.send":
            text = message["text"]
            is_apart = text.startswith("drawn ")
            await self.frames.put({"apart": text} if is_apart else json.loads(text))
        else:
            await self.frames.put({"closed": message.get("code"), "type": message["type"]})


@asynccontextmanager
async def connected(hub: Hub, origin: str = "http://localhost") -> AsyncIterator[Page]:
    page = Page()
    scope = {"headers": [(b"origin", origin.encode()), (b"host", b"localhost")]}
    await page.sent.put({"type": "websocket.connect"})
    task = asyncio.create_task(serve_socket(hub, scope, page.sent.get, page.from_desk))
    first = await page.hear()
    if first["type"] == "websocket.accept":
        first = {}
    page.first = first  # type: ignore[attr-defined]
    try:
        yield page
    finally:
        await page.sent.put({"type": "websocket.disconnect"})
        await task


def changed(topic: str, version: int) -> None:
    """What ``publish`` sends after a commit."""
    wire.send({"topic": topic, "version": version, "event": None})


def run(play: Callable[[Hub], Any], who: Callable[[HttpRequest], Actor] = lambda _: MARINA) -> None:
    async def whole() -> None:
        hub = Hub(who)
        hub.start()
        await asyncio.sleep(0.05)
        try:
            await play(hub)
        finally:
            await hub.stop()

    asyncio.run(whole())


def test_a_change_reaches_the_pages_that_show_it_and_no_other() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as shows, connected(hub) as shows_another:
            await shows.say(subscribe={"ticket:42": 7})
            await shows_another.say(subscribe={"ticket:43": 1})
            assert (await shows.hear())["subscribed"] == ["ticket:42"]
            await shows_another.hear()
            await asyncio.to_thread(wire.publish, "ticket:42", 8, 901)
            assert await shows.hear() == {"topic": "ticket:42", "version": 8, "event": 901}
            assert await shows_another.hears_nothing()

    run(play)


def test_a_page_names_all_it_shows_and_what_it_shows_no_more_is_dropped() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            await page.say(subscribe={"ticket:43": 1})
            assert (await page.hear())["subscribed"] == ["ticket:43"]
            changed("ticket:42", 8)
            assert await page.hears_nothing()
            changed("ticket:43", 2)
            assert (await page.hear())["topic"] == "ticket:43"

    run(play)


def test_a_customer_is_refused_what_is_not_theirs_like_what_does_not_exist() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7, "ticket:999": 1, "nonsense": None})
            answer = await page.hear()
            assert answer["subscribed"] == []
            assert set(answer["refused"]) == {"ticket:42", "ticket:999", "nonsense"}
            changed("ticket:42", 8)
            assert await page.hears_nothing()

    run(play, lambda _: replace(NOBODY, kind=ActorKind.CUSTOMER))


def test_rights_that_were_taken_away_end_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.core.realtime.connection.RIGHTS_LAST", 0.0)

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            readers.discard("42")
            changed("ticket:42", 8)
            assert await page.hears_nothing()

    run(play)


def test_signing_out_closes_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.core.realtime.connection.RIGHTS_LAST", 0.0)
    actors = [MARINA]

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            actors[0] = NOBODY
            changed("ticket:42", 8)
            assert (await page.hear())["closed"] == 4401

    run(play, lambda _: actors[0])


def test_who_may_not_be_here_any_more_hears_nothing_from_the_moment_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("otklik.core.realtime.connection.RIGHTS_LAST", 600.0)
    actors = [MARINA]

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()  # what is known of her rights is believed for a while now
            actors[0] = NOBODY
            await asyncio.to_thread(wire.doubt_rights, 2)
            changed("ticket:42", 8)
            assert (await page.hear())["version"] == 8  # that was about somebody else
            await asyncio.to_thread(wire.doubt_rights, 1)
            changed("ticket:42", 9)
            assert (await page.hear())["closed"] == 4401

    run(play, lambda _: actors[0])


def test_a_burst_of_changes_is_at_most_one_frame_per_half_second_and_ends_with_the_newest() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            began = time.monotonic()
            changed("ticket:42", 8)
            frames = [await page.hear()]
            for version in range(9, 28):
                changed("ticket:42", version)
                await asyncio.sleep(0.01)
            while frames[-1]["version"] != 27:
                frames.append(await page.hear())
            assert 2 <= len(frames) <= 2 + (time.monotonic() - began) / 0.5
            assert await page.hears_nothing(0.7)

    run(play)


def test_a_page_that_was_cut_off_is_told_what_changed_meanwhile() -> None:
    from otklik.core.events.models import EventRow

    # What a room wrote down while the tables were made counts as committed late.
    EventRow.objects.all().delete()
    first = EventRow.objects.create(name="ticket.opened")

    async def play(hub: Hub) -> None:
        versions["42"] = 9
        async with connected(hub) as page:
            await page.say(
                subscribe={"ticket:42": 7, "ticket:43": 1, "inbox:mine": None}, since=first.pk
            )
            assert (await page.hear())["event"] == first.pk
            assert (await page.hear())["topic"] == "ticket:42"
            assert await page.hears_nothing()
        await asyncio.to_thread(EventRow.objects.create, name="ticket.solved")
        async with connected(hub) as page:
            await page.say(subscribe={"inbox:mine": None}, since=first.pk)
            await page.hear()
            assert (await page.hear())["topic"] == "inbox:mine"

    run(play)


def test_a_gap_makes_every_page_compare_versions() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            versions["42"] = 8
            wire.send({"topic": "ticket:1", "version": 1, "event": None, "gap": True})
            assert (await page.hear())["version"] == 8

    run(play)


def test_what_is_published_while_the_front_is_busy_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "_PATIENCE", PATIENCE)  # the thread of the ear has its turn in time

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            sent = threading.Event()

            def publish() -> None:
                for version in range(8, 48):  # the kernel keeps ten
                    changed("ticket:42", version)
                sent.set()

            threading.Thread(target=publish).start()
            assert sent.wait(PATIENCE)  # and the loop waits with it
            assert not wire._gap.is_set()
            while (await page.hear())["version"] != 47:  # a frame may go before all are read
                pass

    run(play)


def test_a_page_of_another_site_is_turned_away_before_it_is_heard() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub, origin="https://evil.example") as page:
            assert page.first["closed"] == 4403  # type: ignore[attr-defined]
        async with connected(hub) as page:
            assert page.first == {}  # type: ignore[attr-defined]

    run(play)
    assert is_own_origin(b"http://localhost", b"localhost")
    assert not is_own_origin(b"", b"localhost")
    assert not is_own_origin(b"null", b"localhost")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"subscribe": 5}', '{"subscribe": {"ticket:42": "x"}}', "[" * 15000],
)
def test_nonsense_closes_the_socket(text: str) -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.sent.put({"type": "websocket.receive", "text": text})
            assert (await page.hear())["closed"] == 4400

    run(play)


def test_a_page_cannot_subscribe_without_bound_or_talk_without_end() -> None:
    readers.update(str(number) for number in range(300))

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={f"ticket:{number}": None for number in range(250)})
            answer = await page.hear()
            assert (len(answer["subscribed"]), len(answer["refused"])) == (200, 50)
        async with connected(hub) as page:
            for _ in range(121):
                await page.say(unsubscribe=[])
            assert (await page.hear())["closed"] == 4429

    run(play)


def test_publishing_to_nobody_is_no_error_and_content_is_no_topic() -> None:
    wire.publish("ticket:42", 8)
    with pytest.raises(ValueError, match="no topic"):
        wire.publish("Olga wrote: hello", 8)
