"""The front's ear: messages from the local socket or from Redis, into the hub."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from otklik.core.realtime.wire import CHANNEL, reachable, socket_path
from otklik.core.settings import config

logger = structlog.get_logger(__name__)

Heard = Callable[[dict[str, Any]], None]
_AFTER_FAILURE = 1.0
_LARGEST = 1 << 18
_MOST_WAITING = 5000  # more were lost: every page is compared
_LOOK_UP = 1.0  # seconds after which the thread sees that nobody listens any more


async def listen(heard: Heard, gap: Callable[[], None]) -> None:
    """Run until cancelled. ``gap`` is called whenever messages may have been missed."""
    if config().redis_url:
        await _listen_redis(heard, gap)
    else:
        await _listen_local(heard, gap)


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


async def _listen_local(heard: Heard, gap: Callable[[], None]) -> None:
    path = socket_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    path.unlink(missing_ok=True)
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.settimeout(_LOOK_UP)
    before = os.umask(0o177)
    try:
        ear.bind(reachable(path))
    finally:
        os.umask(before)
    letter_box = _LetterBox(asyncio.get_running_loop(), heard, gap)
    threading.Thread(target=letter_box.fill, args=(ear,), name="ear", daemon=True).start()
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        letter_box.is_closed = True
        path.unlink(missing_ok=True)


class _LetterBox:
    """What came and was not read yet. The kernel keeps ten datagrams and whoever publishes waits
    for room, so a thread takes them out, also while the loop is busy with two hundred pages."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, heard: Heard, gap: Callable[[], None]
    ) -> None:
        self._loop, self._heard, self._gap = loop, heard, gap
        self._waiting: deque[bytes] = deque()
        self._is_full = False
        self.is_closed = False

    def fill(self, ear: socket.socket) -> None:
        """Runs in the thread, which closes ``ear`` when the box is closed."""
        with ear, suppress(OSError, RuntimeError):  # the loop is gone
            while not self.is_closed:
                try:
                    data = ear.recv(_LARGEST)
                except TimeoutError:
                    continue
                if len(self._waiting) >= _MOST_WAITING:
                    self._is_full = True
                    continue
                self._waiting.append(data)
                self._loop.call_soon_threadsafe(self._read_one)

    def _read_one(self) -> None:
        if self._is_full:
            self._is_full = False
            self._gap()
        data = self._waiting.popleft()
        if not self.is_closed:
            read_message(data, self._heard)


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
