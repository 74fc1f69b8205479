"""Fronts tell each other who is where: all of it, soon after a change and every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from otklik.core.realtime import wire
from otklik.core.realtime.presence import Presence, Told, is_doing
from otklik.core.realtime.topics import is_topic
from otklik.core.settings import config

logger = structlog.get_logger(__name__)

SOON = 0.2  # seconds in which changes gather
EVERY = 10.0
LASTS = 30.0  # a front that is silent for so long has died with its pages

InThread = Callable[[Callable[[], None]], Awaitable[None]]


async def keep_roll(presence: Presence, news: asyncio.Event, in_thread: InThread) -> None:
    """Run until cancelled. On one machine there is one front: then only leases run out."""
    while True:
        try:
            async with asyncio.timeout(EVERY):
                await news.wait()
            await asyncio.sleep(SOON)
        except TimeoutError:
            presence.sweep()
        news.clear()
        if config().redis_url:
            roll = {"front": presence.front, "here": presence.own()}
            await in_thread(lambda told=roll: wire.send({"presence": told}))  # type: ignore[misc]


def say_goodbye(presence: Presence) -> None:
    """The pages of this front look for another one."""
    if config().redis_url:
        wire.send({"presence": {"front": presence.front, "here": {}}})


def hear_roll(presence: Presence, roll: Any) -> None:
    """What another front tells; anything that is not well-formed is dropped with a line."""
    try:
        front, told = str(roll["front"]), roll["here"]
        if front == presence.front:
            return
        topics: dict[str, dict[str, Told]] = {}
        for topic, pages in told.items():
            if not is_topic(topic):
                raise ValueError(topic)
            for page, (person_id, doing, age) in pages.items():
                if not is_doing(doing):
                    raise ValueError(doing)
                topics.setdefault(topic, {})[str(page)] = (int(person_id), doing, float(age))
    except (KeyError, TypeError, ValueError, AttributeError):
        logger.warning("realtime_roll_unreadable")
        return
    presence.hear(front, topics, LASTS)
