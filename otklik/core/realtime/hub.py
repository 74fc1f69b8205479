"""The front's side: who shows what, and who has to be told."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import nullcontext
from contextvars import Context
from functools import partial
from typing import Any, TypeVar

import structlog
from django.db import close_old_connections
from django.http import HttpRequest
from prometheus_client import Gauge

from otklik.core.access import Actor
from otklik.core.db.threads import RestingThreads
from otklik.core.realtime import presence
from otklik.core.realtime.connection import Connection
from otklik.core.realtime.listen import listen
from otklik.core.realtime.news import News, read_news
from otklik.core.realtime.rights import IdentifyAll, look
from otklik.core.realtime.roll import hear_roll, keep_roll, say_goodbye
from otklik.core.realtime.topics import TopicKind, Wish, take_apart
from otklik.core.realtime.wire import RIGHTS

logger = structlog.get_logger(__name__)

T = TypeVar("T")
Identify = Callable[[HttpRequest], Actor]
_Asked = tuple[Wish, asyncio.Future[str | None]]

MAX_CONNECTIONS = 5000
GATHER = 0.02  # seconds in which pages gather whose rights are asked for together
DRAW_GATHER = 0.01  # the same for what is drawn for them
DRAWN_AT_ONCE = 20  # pieces; a slow one keeps so many waiting
READ_AT_ONCE = 16  # of those that are read together, and then drawn one after another
THREADS = 6
OPEN = Gauge("otklik_sockets_open", "Pages connected for live changes", multiprocess_mode="livesum")


class Hub:
    """All connections of one front process. Lives in its event loop."""

    def __init__(
        self,
        identify: Identify,
        here: presence.Presence | None = None,
        identify_all: IdentifyAll | None = None,
    ) -> None:
        """``identify_all`` answers as ``identify`` does, for many at a time."""
        self._identify_all = identify_all or (lambda requests: [identify(one) for one in requests])
        self.presence = here or presence.here
        self._due: set[Connection] = set()
        self._round: asyncio.Task[None] | None = None
        self._one_round = asyncio.Lock()
        self._wishes: dict[str, list[_Asked]] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._told_at: dict[str, float] = {}
        self._held: dict[str, News] = {}
        self._by_topic: dict[str, set[Connection]] = defaultdict(set)
        self._connections: set[Connection] = set()
        # Own threads: a slow page must not wait for sockets, nor sockets for slow pages.
        self._threads = RestingThreads(THREADS, "realtime")
        self._asking: set[asyncio.Task[None]] = set()
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
                self._offer(topic, News())

        def from_any_thread(topics: set[str]) -> None:
            if not loop.is_closed():
                # Not with the language of the page whose thread this is.
                loop.call_soon_threadsafe(moved, topics, context=Context())

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
        elif message["topic"].startswith(RIGHTS):
            self.heard_rights(message["topic"].removeprefix(RIGHTS))
        else:
            self._offer(message["topic"], read_news(message))

    def _offer(self, topic: str, news: News) -> None:
        """At once, or with what else its beat brings."""
        if topic not in self._by_topic:
            return
        found = take_apart(topic)
        beat = found[0].beat if found is not None else 0.0
        if not beat:
            self._tell(topic, news)
        elif topic in self._held:
            self._held[topic] = news.after(self._held[topic])
        else:
            wait = self._told_at.get(topic, 0.0) + beat - news.at
            if wait <= 0:
                self._tell_beat(topic, news)
            else:
                self._held[topic] = news
                asyncio.get_running_loop().call_later(wait, self._release, topic)

    def _release(self, topic: str) -> None:
        news = self._held.pop(topic, None)
        if news is not None:
            self._tell_beat(topic, news)

    def _tell_beat(self, topic: str, news: News) -> None:
        self._told_at[topic] = time.monotonic()
        self._tell(topic, news)

    def _tell(self, topic: str, news: News) -> None:
        for connection in list(self._by_topic.get(topic, ())):
            connection.offer(topic, news)

    async def check(self, connection: Connection) -> None:
        """Ask who sits before this page and what of it they may see; pages whose answer is about
        to run out are asked for along with it."""
        self._due.add(connection)
        if self._round is None:
            self._round = asyncio.get_running_loop().create_task(self._check_round())
        await asyncio.shield(self._round)

    async def _check_round(self) -> None:
        await asyncio.sleep(GATHER)
        async with self._one_round:
            self._round = None  # whoever comes from now on is in the next one
            due = self._due | {each for each in self._connections if each.is_lapsing}
            self._due = set()
            pages = [(each, list(each.shown)) for each in due]
            asked = [(each.request(), topics) for each, topics in pages]
            found = await self.in_thread(lambda: look(self._identify_all, asked))
            for (each, topics), (actor, allowed) in zip(pages, found, strict=True):
                await each.learn(actor, topics, allowed)

    async def draw(self, kind: TopicKind, wish: Wish) -> str | None:
        """Draw in a thread. Many pages ask at once, and what is read for all of them is read by
        then: a hop to a thread for each would cost more than what it does there. What a kind reads
        together gathers while the ones before are drawn."""
        loop = asyncio.get_running_loop()
        drawn: asyncio.Future[str | None] = loop.create_future()
        waiting = self._wishes.setdefault(kind.prefix, [])
        waiting.append((wish, drawn))
        if len(waiting) == 1:
            self.keep(self._draw_gathered(kind))
        return await drawn

    async def _draw_gathered(self, kind: TopicKind) -> None:
        due: list[_Asked] = []
        try:
            await asyncio.sleep(DRAW_GATHER)
            turn = self._turns[kind.prefix] if kind.draw_all is not None else nullcontext()
            async with turn:
                due = self._wishes.pop(kind.prefix)
                most = READ_AT_ONCE if kind.draw_all is not None else DRAWN_AT_ONCE
                parts = (due[at : at + most] for at in range(0, len(due), most))
                await asyncio.gather(*(self._draw_some(kind, part) for part in parts))
        finally:  # nobody waits for what will not come
            _hand_out(due, [None] * len(due))

    async def _draw_some(self, kind: TopicKind, asked: Sequence[_Asked]) -> None:
        if kind.draw_all is None:
            wishes = [wish for wish, _drawn in asked]
            _hand_out(asked, await self.in_thread(partial(_draw_each, kind, wishes)))
            return
        loop, waiting = asyncio.get_running_loop(), iter(asked)

        def give(html: str | None) -> None:
            _hand_out([next(waiting)], [html])

        def draw() -> None:
            for html in _draw_together(kind, [wish for wish, _drawn in asked]):
                # Not with the language of the page that was drawn last.
                loop.call_soon_threadsafe(give, html, context=Context())

        await self.in_thread(draw)

    def heard_rights(self, person: str) -> None:
        """They changed: the next word to any page of this person waits until they are known."""
        for connection in list(self._connections):
            if connection.is_of(person):
                connection.distrust()
                self.keep(self.check(connection))

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else; a loop alone would forget it."""
        task = asyncio.get_running_loop().create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, OSError):  # the page is gone
            logger.error("socket_failed", exc_info=error)

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
                self._told_at.pop(topic, None)

    def in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        """Run something that reads the database, off the event loop."""
        return asyncio.get_running_loop().run_in_executor(self._threads, _tidy, work)


def _draw_each(kind: TopicKind, wishes: Sequence[Wish]) -> Sequence[str | None]:
    """What fails is asked by its address, where its failure is told."""
    found: list[str | None] = []
    for wish in wishes:
        try:
            found.append(kind.draw(wish) if kind.draw is not None else None)
        except Exception as error:
            logger.warning("socket_not_drawn", exc_info=error)
            found.append(None)
    return found


def _draw_together(kind: TopicKind, wishes: Sequence[Wish]) -> Iterator[str | None]:
    """In their order, each as soon as it is drawn; nothing more where one fails."""
    try:
        yield from kind.draw_all(wishes) if kind.draw_all is not None else ()
    except Exception as error:
        logger.warning("socket_not_drawn", exc_info=error)


def _hand_out(asked: Sequence[_Asked], found: Sequence[str | None]) -> None:
    for (_wish, drawn), html in zip(asked, found, strict=True):
        if not drawn.done():
            drawn.set_result(html)


def _tidy(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
