"""What changed is told in frames and drawn over the socket for who asks."""

import asyncio
import threading
import time
from typing import Any

import pytest

from otklik.core.realtime import connection, register_drawing, register_topic, wire
from otklik.core.realtime import hub as hub_module
from otklik.core.realtime.hub import Hub
from otklik.core.realtime.tests.test_hub import (
    changed,
    connected,
    desk,  # noqa: F401 - a fixture
    readers,
    run,
)
from tests.services import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_what_a_beat_gathers_is_one_frame_that_names_things_to_those_who_may_know() -> None:
    sees: set[int | None] = {1}
    asked: list[Any] = []

    def draw(wish: Any) -> str | None:
        asked.append(wish)
        return f"<p>{wish.address}</p>" if wish.address else None

    register_topic(
        "beaten",
        lambda actor, ident: actor.is_staff,
        beat=0.4,
        may_name=lambda actor: actor.person_id in sees,
        draw=draw,
    )

    def tell(event: int, about: int, moves: bool) -> None:
        message = {"topic": "beaten:all", "version": None, "event": event}
        wire.send({**message, "about": about, "moves": moves}, {**message, "topic": "other:1"})

    drawing = {"topic": "beaten:all", "address": "list=all", "language": "en", "zone": "UTC"}

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"beaten:all": None})
            await page.hear()
            # Nothing was told: nothing is drawn, its address answers.
            await page.say(draw={**drawing, "has": {}})
            assert await page.hear() == {"drawn": "beaten:all", "html": None}
            tell(5, 41, False)
            assert (await page.hear())["about"] == [41]
            began = time.monotonic()
            for number in (42, 43, 42):
                tell(6, number, number == 43)
            frame = await page.hear()
            assert (frame["about"], frame["moves"]) == ([42, 43], True)
            await page.say(draw={**drawing, "has": {"42": "0badcafe"}})
            assert (await page.hear())["html"] == "<p>list=all</p>"
            assert asked[-1].has == {"42": "0badcafe"}
            assert asked[-1].told_at >= began
            # Of two frames that came before it asked, the second has nothing left to tell.
            await page.say(draw={**drawing, "has": {}})
            assert (await page.hear())["html"] == "<p>list=all</p>"
            assert asked[-1].told_at == asked[-2].told_at
            # A page of this version takes the piece as it is, line breaks and quotes included.
            apart = {**drawing, "address": '"a"\nb', "has": {}, "apart": True}
            await page.say(draw=apart)
            assert await page.hear() == {"apart": 'drawn beaten:all\n<p>"a"\nb</p>'}
            await page.say(draw={**apart, "address": ""})  # only its address can answer
            assert await page.hear() == {"drawn": "beaten:all", "html": None}
            # What is unknown makes all of it unknown; who may not know is told the bare topic.
            sees.clear()
            tell(7, 44, True)
            assert "about" not in await page.hear()
            await page.say(draw={**drawing, "has": {"42": 5}})
            assert (await page.hear())["closed"] == 4400

    run(play)


def test_what_a_kind_reads_together_gathers_while_the_ones_before_are_drawn() -> None:
    drawn: list[list[str]] = []
    may_draw = threading.Event()

    def draw_all(wishes: Any) -> list[str | None]:
        drawn.append([wish.ident for wish in wishes])
        assert may_draw.wait(10)
        if any(wish.address == "fails" for wish in wishes):
            raise RuntimeError("one of them")
        return [f"<p>{wish.ident} {wish.request().path}</p>" for wish in wishes]

    register_drawing("ticket", draw_all)
    drawing = {"language": "en", "zone": "UTC", "address": "/tickets/1/", "has": {"head": ""}}

    async def play(hub: Hub) -> None:
        async with connected(hub) as first, connected(hub) as second, connected(hub) as third:
            for page, topic in ((first, "42"), (second, "43"), (third, "42")):
                await page.say(subscribe={f"ticket:{topic}": 0})
                await page.hear()
                await page.hear()  # it was at another version
            await first.say(draw={**drawing, "topic": "ticket:42"})
            while not drawn:
                await asyncio.sleep(0.01)
            await second.say(draw={**drawing, "topic": "ticket:43"})
            await third.say(draw={**drawing, "topic": "ticket:42"})
            while len(hub._wishes.get("ticket", ())) < 2:
                await asyncio.sleep(0.01)
            may_draw.set()
            assert (await first.hear())["html"] == "<p>42 /ws</p>"
            assert (await second.hear())["html"] == "<p>43 /ws</p>"
            assert (await third.hear())["html"] == "<p>42 /ws</p>"
            assert drawn == [["42"], ["43", "42"]]
            # A failure is told by the address, and whose right is gone is drawn nothing.
            changed("ticket:42", 9)
            await first.hear()
            await first.say(draw={**drawing, "topic": "ticket:42", "address": "fails"})
            assert (await first.hear())["html"] is None
            readers.discard("42")
            for each in hub._connections:
                each.distrust()
            await first.say(draw={**drawing, "topic": "ticket:42"})
            assert (await first.hear())["html"] is None
            assert len(drawn) == 3

    run(play)


def test_half_a_second_counts_from_when_a_page_is_known_to_have_the_frame() -> None:
    register_drawing("ticket", lambda wishes: ["" for _ in wishes])
    drawing = {"language": "en", "zone": "UTC", "address": "/tickets/1/", "has": {"head": ""}}

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            changed("ticket:42", 8)
            assert (await page.hear())["version"] == 8
            await asyncio.sleep(0.2)  # a way that takes so long
            changed("ticket:42", 9)
            asked = time.monotonic()
            await page.say(draw={**drawing, "topic": "ticket:42"})
            while "drawn" not in await page.hear():
                pass
            (open_page,) = hub._connections
            assert open_page._framed_at + connection._SLACK >= asked

    run(play)


def test_what_may_wait_does_not_keep_what_may_not() -> None:
    register_topic("slow", lambda actor, ident: actor.is_staff, interval=60.0)

    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7, "slow:all": None})
            await page.hear()
            changed("slow:all", 1)
            assert (await page.hear())["topic"] == "slow:all"
            await asyncio.sleep(connection.MIN_INTERVAL + 0.2)
            changed("slow:all", 2)  # in a minute
            await asyncio.sleep(0.1)
            for version in (8, 9):  # the second in half a second
                changed("ticket:42", version)
                assert (await page.hear())["version"] == version

    run(play)


def test_an_alarm_that_is_due_rings_though_another_is_set() -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"ticket:42": 7})
            await page.hear()
            (open_page,) = hub._connections
            open_page._wake_in(0.05)
            time.sleep(0.1)
            open_page._wake_in(60.0)
            await asyncio.wait_for(open_page._wake.wait(), PATIENCE)

    run(play)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A list that can be drawn; gives what tells that one of its things changed."""
    register_topic(
        "rows", lambda actor, ident: actor.is_staff, may_name=lambda actor: True,
        draw=lambda wish: "<p></p>" if wish.address else None,
    )  # fmt: skip
    monkeypatch.setattr(connection, "BESIDE", 60.0)

    def tell(about: int | None, *, moves: bool = False) -> None:
        message: dict[str, Any] = {"topic": "rows:all", "version": None, "event": None}
        message["moves"] = moves
        if about is not None:
            message["about"] = about
        wire.send(message)

    return tell


async def has(page: Any, *rows: int, address: str = "list=all", plain: bool = True) -> None:
    """The page shows these when it asks for its list to be drawn."""
    asked = {"topic": "rows:all", "language": "en", "zone": "UTC", "address": address}
    digests = {str(row): "0badcafe" for row in rows}
    await page.say(draw={**asked, "has": digests, "plain": plain})
    assert "drawn" in await page.hear()


async def told(page: Any) -> Any:
    return (await page.hear()).get("about")


def test_what_a_page_does_not_show_waits_for_what_it_does(rows: Any) -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"rows:all": None})
            await page.hear()
            rows(9)  # of a page that has asked for nothing yet all is told at once
            assert await told(page) == [9]
            await has(page, 1, 2)
            rows(9)
            assert await page.hears_nothing(connection.MIN_INTERVAL + 0.5)
            rows(2)
            assert await told(page) == [2, 9]
            await has(page, 1, 2, 9)
            rows(9)
            assert await told(page) == [9]
            connection.BESIDE = 0.7
            await has(page, 1, 2)
            rows(9)
            assert await told(page) == [9]  # later, but by itself

    run(play)


def test_whose_rows_are_not_known_hears_at_once(rows: Any) -> None:
    async def play(hub: Hub) -> None:
        async with connected(hub) as page:
            await page.say(subscribe={"rows:all": None})
            await page.hear()
            rows(2)
            await told(page)
            # What moves may be among what is drawn, also when a second frame came before it was.
            rows(9, moves=True)
            await told(page)
            rows(2)
            await told(page)
            await has(page, 1, 2)
            rows(9)
            assert await told(page) == [9]
            rows(None)
            assert await told(page) is None
            await has(page, 1, 2)
            rows(9)
            assert await told(page) == [9]
            await has(page, 1, 2, address="")  # its address answered, with nobody knows what
            rows(9)
            assert await told(page) == [9]
            await has(page, 1, 2, plain=False)  # a view, which may gain what it did not show
            rows(9)
            assert await told(page) == [9]

    run(play)


def test_each_page_has_its_piece_as_soon_as_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "DRAW_GATHER", 0.5)
    may_go_on = threading.Event()

    def draw_all(wishes: Any) -> Any:
        for number, wish in enumerate(wishes):
            if number == 2:
                raise RuntimeError("and all after it")
            if number:
                assert may_go_on.wait(10)
            yield f"<p>{wish.ident}</p>"

    register_drawing("ticket", draw_all)
    drawing = {"language": "en", "zone": "UTC", "address": "/tickets/1/", "has": {"head": ""}}

    async def play(hub: Hub) -> None:
        async with connected(hub) as first, connected(hub) as second, connected(hub) as third:
            pages = (first, second, third)
            for page in pages:
                await page.say(subscribe={"ticket:42": 0})
                await page.hear()
                await page.hear()
            for page in pages:
                await page.say(draw={**drawing, "topic": "ticket:42"})
            assert (await first.hear())["html"] == "<p>42</p>"
            assert await second.hears_nothing()
            may_go_on.set()
            assert (await second.hear())["html"] == "<p>42</p>"
            assert (await third.hear())["html"] is None

    run(play)
