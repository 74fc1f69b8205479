"""The front's side: who shows what, and who has to be told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from django.db import close_old_connections
from django.http import HttpRequest
from prometheus_client import Gauge

from otklik.core.access import Actor
from otklik.core.realtime import presence
from otklik.core.realtime.connection import Connection
from otklik.core.realtime.listen import listen
from otklik.core.realtime.roll import hear_roll, keep_roll, say_goodbye

logger = structlog.get_logger(__name__)

T = TypeVar("T")
Identify = Callable[[HttpRequest], Actor]

MAX_CONNECTIONS = 5000
OPEN = Gauge("otklik_sockets_open", "Pages connected for live changes", multiprocess_mode="livesum")


class Hub:
    """All connections of one front process. Lives in its event loop."""

    def __init__(self, identify: Identify, here: presence.Presence | None = None) -> None:
        self.identify = identify
        self.presence = here or presence.here
        self._by_topic: dict[str, set[Connection]] = defaultdict(set)
        self._connections: set[Connection] = set()
        # Own threads: a slow page must not wait for sockets, nor sockets for slow pages.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="realtime")
        self._tasks: list[asyncio.Task[None]] = []
        self._deafen: Callable[[], None] = lambda: None

    def start(self) -> None:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        self._tasks = [
            loop.create_task(listen(self.heard, self.heard_gap)),
            loop.create_task(keep_roll(self.presence, news, self.in_thread)),
        ]

        def moved(topics: set[str]) -> None:
            news.set()
            for topic in presence.with_summaries(topics):
                self._offer(topic, None, None)

        def from_any_thread(topics: set[str]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(moved, topics)

        self._deafen = self.presence.listen(from_any_thread)

    async def stop(self) -> None:
        """Close every socket so that pages look for another front at once."""
        self._deafen()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(
            *(each.close(1012) for each in list(self._connections)), return_exceptions=True
        )
        await self.in_thread(lambda: say_goodbye(self.presence))
        self._threads.shutdown(wait=False, cancel_futures=True)

    def heard(self, message: dict[str, Any]) -> None:
        """One change was published somewhere."""
        if message.get("gap"):
            self.heard_gap()
        if message.get("presence"):
            hear_roll(self.presence, message["presence"])
        else:
            self._offer(message["topic"], message.get("version"), message.get("event"))

    def _offer(self, topic: str, version: int | None, event: int | None) -> None:
        for connection in list(self._by_topic.get(topic, ())):
            connection.offer(topic, version, event)

    def heard_gap(self) -> None:
        """Changes may have been missed: every page's versions are compared."""
        for connection in list(self._connections):
            connection.doubt()

    def admit(self, connection: Connection) -> bool:
        if len(self._connections) >= MAX_CONNECTIONS:
            logger.warning("sockets_full", open=len(self._connections))
            return False
        self._connections.add(connection)
        OPEN.set(len(self._connections))
        return True

    def dismiss(self, connection: Connection) -> None:
        self._connections.discard(connection)
        connection.go()
        for topic in list(connection.shown):
            self.unsubscribe(connection, topic)
        OPEN.set(len(self._connections))

    def subscribe(self, connection: Connection, topic: str) -> None:
        self._by_topic[topic].add(connection)

    def unsubscribe(self, connection: Connection, topic: str) -> None:
        held = self._by_topic.get(topic)
        if held is not None:
            held.discard(connection)
            if not held:
                del self._by_topic[topic]

    def in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        """Run something that reads the database, off the event loop."""
        return asyncio.get_running_loop().run_in_executor(self._threads, _tidy, work)


def _tidy(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
