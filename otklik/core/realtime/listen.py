"""The front's ear: messages from the local socket or from Redis, into the hub."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from otklik.core.realtime.wire import CHANNEL, reachable, socket_path
from otklik.core.settings import config

logger = structlog.get_logger(__name__)

Heard = Callable[[dict[str, Any]], None]
_AFTER_FAILURE = 1.0
_AT_ONCE = 200  # messages between two looks at everything else
_LARGEST = 1 << 18


async def listen(heard: Heard, gap: Callable[[], None]) -> None:
    """Run until cancelled. ``gap`` is called whenever messages may have been missed."""
    if config().redis_url:
        await _listen_redis(heard, gap)
    else:
        await _listen_local(heard)


def read_message(data: bytes, heard: Heard) -> None:
    """Hand over well-formed messages, one or a list; drop anything else with a line in the log."""
    try:
        told = json.loads(data)
        messages = told if isinstance(told, list) else [told]
        for message in messages:
            if not isinstance(message.get("topic"), str) and not message.get("presence"):
                raise TypeError("topic")
    except (ValueError, AttributeError, TypeError):
        logger.warning("realtime_message_unreadable", size=len(data))
        return
    for message in messages:
        heard(message)


async def _listen_local(heard: Heard) -> None:
    path = socket_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    path.unlink(missing_ok=True)
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.setblocking(False)
    before = os.umask(0o177)
    try:
        ear.bind(reachable(path))
    finally:
        os.umask(before)
    loop = asyncio.get_running_loop()
    loop.add_reader(ear, _drain, ear, heard)
    try:
        await loop.create_future()
    finally:
        loop.remove_reader(ear)
        ear.close()
        path.unlink(missing_ok=True)


def _drain(ear: socket.socket, heard: Heard) -> None:
    """All that waits: the kernel keeps ten, and whoever publishes waits for room."""
    for _ in range(_AT_ONCE):
        try:
            data = ear.recv(_LARGEST)
        except (BlockingIOError, InterruptedError):
            return
        read_message(data, heard)


async def _listen_redis(heard: Heard, gap: Callable[[], None]) -> None:
    import redis
    import redis.asyncio

    while True:
        client = redis.asyncio.Redis.from_url(
            config().redis_url, socket_connect_timeout=3, health_check_interval=15
        )
        try:
            async with client.pubsub() as ear:
                await ear.subscribe(CHANNEL)
                gap()
                async for message in ear.listen():
                    if message["type"] == "message":
                        read_message(message["data"], heard)
        except (redis.RedisError, OSError) as error:
            logger.warning("realtime_redis_away", reason=type(error).__name__)
        finally:
            with suppress(Exception):
                await client.aclose()
        await asyncio.sleep(_AFTER_FAILURE)
