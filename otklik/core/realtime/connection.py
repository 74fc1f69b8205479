"""One open page: what it shows, what it still has to be told, and whether it may be told."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from django.http import HttpRequest

from otklik.core.access import NOBODY, Actor, ActorKind
from otklik.core.realtime.catch_up import latest_event, list_changed
from otklik.core.realtime.messages import Drawing, read_page
from otklik.core.realtime.news import News
from otklik.core.realtime.topics import Wish, take_apart

if TYPE_CHECKING:
    from otklik.core.realtime.hub import Hub

logger = structlog.get_logger(__name__)

MAX_TOPICS = 200
MAX_MESSAGE = 16_384
# A page sends a handful of messages when it is drawn; more is a broken or hostile client.
MAX_MESSAGES_PER_MINUTE = 120
MIN_INTERVAL = 0.5  # seconds between two frames, as they arrive
# Ways and busy readers bring what was sent so far apart nearer together, unless the page answered.
_SLACK = 0.08
BESIDE = 1.5  # seconds between two frames about what a page's list does not show
RIGHTS_LAST = 3.0  # seconds a check of rights is believed
SEND_PATIENCE = 10.0  # seconds a page may take to read one frame

SIGNED_OUT, TOO_MUCH, NOT_UNDERSTOOD = 4401, 4429, 4400

Send = Callable[[str], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


class Connection:
    def __init__(
        self, hub: Hub, request_for: Callable[[], HttpRequest], send: Send, close: Close
    ) -> None:
        self.hub = hub
        self.shown: dict[str, int | None] = {}
        self.request = request_for
        self._send = send
        self._close = close
        self._pending: dict[str, News] = {}
        self._told: dict[str, News] = {}  # of pieces that may be drawn here, since they last were
        self._drawn: dict[str, News] = {}  # what they were drawn after
        self._rows: dict[str, frozenset[int]] = {}  # of lists, as far as it is known: what is shown
        self._sent_at: dict[str, float] = {}
        self._framed_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._page = secrets.token_hex(6)
        self._here: dict[str, str] = {}
        self._actor = NOBODY
        self._allowed: set[str] = set()
        self._checked_at = 0.0
        self._was_signed_in = False
        self._wake = asyncio.Event()
        self._is_in_doubt = False
        self._since: int | None = None
        self._received: list[float] = []
        self.is_closed = False

    def offer(self, topic: str, news: News) -> None:
        """Remember to tell the page; many changes of one topic become one frame, the newest."""
        if topic not in self.shown:
            return
        self._pending[topic] = news = news.after(self._pending.get(topic))
        if self._is_beside(topic, news):
            self._wake_in(self._sent_at.get(topic, 0.0) + BESIDE - time.monotonic())
        else:
            self._wake.set()

    @property
    def is_lapsing(self) -> bool:
        """Whether what is known of its rights is soon too old to be believed."""
        return time.monotonic() - self._checked_at > RIGHTS_LAST / 2

    def is_of(self, person: str) -> bool:
        return str(self._actor.person_id) == person

    def distrust(self) -> None:
        """What is known of its rights is worth nothing any more."""
        self._checked_at = -RIGHTS_LAST - 1

    def doubt(self) -> None:
        self._is_in_doubt = True
        self._wake.set()

    async def close(self, code: int) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._wake.set()
            await self._close(code)

    async def receive(self, text: str) -> None:
        """One message of the page, as `messages` reads it."""
        message = read_page(text) if len(text) <= MAX_MESSAGE else None
        if message is not None and message.draw is not None and message.draw.topic in self._told:
            # Once for each frame, so there are no more of these than frames.
            self._draw(message.draw)
            return
        now = time.monotonic()
        self._received = [at for at in self._received if now - at < 60] + [now]
        if len(self._received) > MAX_MESSAGES_PER_MINUTE or len(text) > MAX_MESSAGE:
            await self.close(TOO_MUCH)
            return
        if message is None:
            await self.close(NOT_UNDERSTOOD)
            return
        if message.draw is not None and message.draw.topic in self._drawn:
            self._draw(message.draw)  # two frames came before it asked about the first
        elif message.draw is not None:
            await self._write({"drawn": message.draw.topic, "html": None})
        for topic in message.unsubscribe:
            self._forget(topic)
        if message.subscribe:
            await self._subscribe(message.subscribe, message.since, message.age)
        if message.here is not None:
            self._be(message.here)

    async def run(self) -> None:
        """Write frames until the connection is closed."""
        while not self.is_closed:
            await self._wake.wait()
            self._wake.clear()
            if self._is_in_doubt:
                self._is_in_doubt = False
                await self._compare()
            await self._flush()

    async def _subscribe(
        self, wanted: Mapping[str, int | None], since: int | None, age: int | None
    ) -> None:
        for topic in [topic for topic in self.shown if topic not in wanted]:
            self._forget(topic)
        refused = [topic for topic in wanted if take_apart(topic) is None]
        for topic, version in wanted.items():
            if topic in refused:
                continue
            if topic not in self.shown and len(self.shown) >= MAX_TOPICS:
                refused.append(topic)
                continue
            self.shown[topic] = version
            # Heard from now on, told only once the rights are known: nothing falls in between.
            self.hub.subscribe(self, topic)
        await self.hub.check(self)
        refused += [topic for topic in wanted if topic not in refused and topic not in self.shown]
        accepted = [topic for topic in wanted if topic in self.shown]
        asked = {topic: self.shown[topic] for topic in accepted}
        changed, latest = await self.hub.in_thread(
            lambda: (list_changed(asked, since, age), latest_event())
        )
        self._since = latest
        answer = {"subscribed": accepted, "refused": refused, "event": latest, "now": time.time()}
        await self._write(answer)
        for topic, version in changed.items():
            self.offer(topic, News(version))

    def _draw(self, asked: Drawing) -> None:
        """What changed of a piece, beside whatever else the page asks. Who asks has the frame that
        told them: half a second counts from here."""
        self._framed_at = max(self._framed_at, time.monotonic() - _SLACK)
        told = self._told.pop(asked.topic, None) or self._drawn[asked.topic]
        self._drawn[asked.topic] = told
        self._note_rows(asked, told)
        self.hub.keep(self._answer(asked, told))

    def _note_rows(self, asked: Drawing, told: News) -> None:
        """What the page shows before and after this drawing, unless that brings other rows."""
        self._rows.pop(asked.topic, None)
        if asked.is_plain and told.about is not None and not told.moves:
            self._rows[asked.topic] = frozenset(int(key) for key in asked.has if key.isdecimal())

    async def _answer(self, asked: Drawing, told: News) -> None:
        """Without words the page asks its address."""
        found = take_apart(asked.topic)
        await self._have_rights()
        html = None
        if found is not None and asked.topic in self._allowed:
            kind, ident = found
            own = (ident, self.request)
            wish = Wish(
                self._actor, asked.address, asked.language, asked.zone, asked.has, told.at, *own
            )
            html = await self.hub.draw(kind, wish)
        if html is None:
            self._rows.pop(asked.topic, None)
        if html is not None and asked.is_apart:
            await self._write_text(f"drawn {asked.topic}\n{html}")
        else:
            await self._write({"drawn": asked.topic, "html": html})

    def _be(self, places: Mapping[str, str]) -> None:
        """Where the person is, all of it; what may not be seen is no place to be in."""
        if self._actor.person_id is None:
            return
        for topic in self._here.keys() - places.keys():
            self.hub.presence.leave(self._page, topic)
        self._here = {topic: doing for topic, doing in places.items() if topic in self._allowed}
        for topic, doing in self._here.items():
            self.hub.presence.arrive(self._page, topic, self._actor.person_id, doing)

    def go(self) -> None:
        """The page is gone, and with it whoever sat before it."""
        for topic in self._here:
            self.hub.presence.leave(self._page, topic)
        self._here = {}

    async def _compare(self) -> None:
        shown, since = dict(self.shown), self._since
        changed = await self.hub.in_thread(lambda: list_changed(shown, since))
        for topic, version in changed.items():
            self.offer(topic, News(version))

    async def _flush(self) -> None:
        if not self._pending:
            return
        wait = self._framed_at + MIN_INTERVAL + _SLACK - time.monotonic()
        if wait > 0:
            self._wake_in(wait)
            return
        await self._have_rights()
        now = time.monotonic()
        changes, waits = [], []
        for topic, news in list(self._pending.items()):
            found = take_apart(topic)
            interval = found[0].interval if found else 0.0
            interval = max(interval, BESIDE) if self._is_beside(topic, news) else interval
            slow = self._sent_at.get(topic, 0.0) + interval - now
            if found is None or slow > 0:
                waits.append(slow)
                continue
            del self._pending[topic]
            if topic not in self._allowed:
                continue
            self._sent_at[topic] = now
            self.shown[topic] = news.version
            self._since = max(self._since or 0, news.event or 0) or None
            change: dict[str, Any] = {
                "topic": topic, "version": news.version, "event": news.event
            }  # fmt: skip
            if found[0].is_drawn:
                self._told[topic] = news.after(self._told.get(topic))
            if news.about is not None and found[0].may_name and found[0].may_name(self._actor):
                change |= {"about": sorted(news.about), "moves": news.moves}
            changes.append(change)
        if changes:
            first, *more = changes
            await self._write({**first, "more": more} if more else first)
            self._framed_at = time.monotonic()
        if waits:
            self._wake_in(min(waits))

    def _is_beside(self, topic: str, news: News) -> bool:
        """Whether it is about things that the page neither shows nor would show. Its frame would
        keep the next one, of what it shows, for half a second; should the page show other rows
        than are known here, it hears of them a little later."""
        shown = self._rows.get(topic)
        if shown is None or news.about is None or news.moves:
            return False
        return shown.isdisjoint(news.about)

    def _wake_in(self, seconds: float) -> None:
        """Or earlier, where an alarm is set for that; one that is due will ring all the same."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._alarm is not None and now < self._alarm.when():
            if self._alarm.when() <= now + seconds:
                return
            self._alarm.cancel()
        self._alarm = loop.call_later(seconds, self._wake.set)

    async def _have_rights(self) -> None:
        if time.monotonic() - self._checked_at > RIGHTS_LAST:
            await self.hub.check(self)

    async def learn(self, actor: Actor, topics: list[str], allowed: set[str]) -> None:
        """Who this is now, and what of ``topics`` they may see; the rest is forgotten."""
        self._checked_at = time.monotonic()
        self._actor, self._allowed = actor, allowed
        for topic in topics:
            if topic not in allowed:
                self._forget(topic)
        is_signed_in = actor.kind is not ActorKind.NOBODY
        if self._was_signed_in and not is_signed_in:
            await self.close(SIGNED_OUT)
        self._was_signed_in = is_signed_in

    def _forget(self, topic: str) -> None:
        if topic in self.shown:
            del self.shown[topic]
            self.hub.unsubscribe(self, topic)
        if self._here.pop(topic, None) is not None:
            self.hub.presence.leave(self._page, topic)
        self._pending.pop(topic, None)
        self._told.pop(topic, None)
        self._drawn.pop(topic, None)
        self._sent_at.pop(topic, None)
        self._rows.pop(topic, None)
        self._allowed.discard(topic)

    async def _write(self, frame: dict[str, Any]) -> None:
        await self._write_text(json.dumps(frame, ensure_ascii=False))

    async def _write_text(self, text: str) -> None:
        if self.is_closed:
            return
        try:
            async with asyncio.timeout(SEND_PATIENCE):
                await self._send(text)
        except TimeoutError:
            logger.info("socket_too_slow")
            await self.close(TOO_MUCH)
