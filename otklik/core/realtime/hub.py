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
from otklik.core.realtime.connection import Connection
from otklik.core.realtime.listen import listen

logger = structlog.get_logger(__name__)

T = TypeVar("T")
Identify = Callable[[HttpRequest], Actor]

MAX_CONNECTIONS = 5000
OPEN = Gauge("otklik_sockets_open", "Pages connected for live changes", multiprocess_mode="livesum")


class Hub:
    """All connections of one front process. Lives in its event loop."""

    def __init__(self, identify: Identify) -> None:
        self.identify = identify
        self._by_topic: dict[str, set[Connection]] = defaultdict(set)
        self._connections: set[Connection] = set()
        # Own threads: a slow page must not wait for sockets, nor sockets for slow pages.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="realtime")
        self._ear: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._ear = asyncio.get_running_loop().create_task(listen(self.heard, self.heard_gap))

    async def stop(self) -> None:
        """Close every socket so that pages look for another front at once."""
        if self._ear is not None:
            self._ear.cancel()
            await asyncio.gather(self._ear, return_exceptions=True)
        await asyncio.gather(
            *(each.close(1012) for each in list(self._connections)), return_exceptions=True
        )
        self._threads.shutdown(wait=False, cancel_futures=True)

    def heard(self, message: dict[str, Any]) -> None:
        """One change was published somewhere."""
        if message.get("gap"):
            self.heard_gap()
        topic = message["topic"]
        for connection in list(self._by_topic.get(topic, ())):
            connection.offer(topic, message.get("version"), message.get("event"))

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
