"""One page as a browser has it, without drawing it: socket, rounds of fetching, what it has."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import websockets

from bench.running import Running

_VERSION = re.compile(r'id="timeline"[^>]*data-version="(\d+)"')
_ROW = re.compile(
    r'<article class="row[^"]*" id="row-(\d+)" data-id="\d+" data-version="(\d+)"'
    r' data-drawn="([0-9a-f]+)"'
)
_SAME = re.compile(r'id="row-(\d+)" data-same')
_COOKIE = re.compile(rb"(?i)set-cookie: ([^;\r\n]+)")
_ZONE = re.compile(r'data-live-zone="([^"]*)"')
_PAUSE = 0.25
_LIST = "list=all"
_DRAWN = "drawn "
_PIECES = ("ticket-head", "timeline", "properties")


@dataclass
class Seen:
    """What arrived. ``rows``: of the list (id, version, moment), ``ticket_at`` of its ticket."""

    ticket: int
    rows: list[tuple[int, int, float]] = field(default_factory=list)
    ticket_at: list[tuple[int, int, float]] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    first: frozenset[int] = frozenset()  # rows that it showed from the beginning
    failures: int = 0
    whole: int = 0  # lists and pieces that had to be fetched by their address


class Driven:
    """Follows `live.ts`: what a frame names is stale, a round fetches all of it, then it rests."""

    def __init__(self, desk: Running, cookie: str, pk: int, number: int) -> None:
        self._desk, self._cookie, self._pk = desk, cookie, pk
        self._page = f"/tickets/{number}/"
        self._stale: set[str] = set()
        self._wake = asyncio.Event()
        self._has: dict[str, str] = {}
        self._zone = "UTC"
        self._drawn: dict[str, asyncio.Future[str | None]] = {}
        self._http: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._is_drawing = False
        self.seen = Seen(pk)
        self.ready = asyncio.Event()

    async def run(self, wait: float) -> None:
        """Until cancelled."""
        await asyncio.sleep(wait)
        address = self._desk.url.replace("http", "ws") + "/ws"
        await self._get(f"{self._page}?{_LIST}", "")
        await self._fetch_list()
        self.seen.first = frozenset(map(int, self._has))
        headers = {"Cookie": self._cookie, "Origin": self._desk.url}
        async with websockets.connect(address, additional_headers=headers, origin=None) as socket:
            topics = ("inbox:all", "counts:all", f"ticket:{self._pk}", f"presence:{self._pk}")
            await socket.send(json.dumps({"subscribe": dict.fromkeys(topics), "age": 1}))
            await socket.send(json.dumps({"here": {f"presence:{self._pk}": "reading"}}))
            fetching = asyncio.create_task(self._follow(socket))
            try:
                async for text in socket:
                    self._hear(str(text))
                    if fetching.done():
                        fetching.result()
            finally:
                fetching.cancel()

    def _hear(self, text: str) -> None:
        if text.startswith(_DRAWN):
            topic, _, html = text.removeprefix(_DRAWN).partition("\n")
            if drawn := self._drawn.pop(topic, None):
                drawn.set_result(html)
            return
        frame = json.loads(text)
        if "subscribed" in frame:
            self.ready.set()
        if drawn := self._drawn.pop(frame.get("drawn", ""), None):
            drawn.set_result(None)
        if "topic" not in frame:
            return
        self.seen.frames.append(time.monotonic())
        self._stale.update(
            each["topic"] for each in (frame, *frame.get("more", ())) if self._concerns(each)
        )
        if self._stale:
            self._wake.set()

    def _concerns(self, change: dict[str, Any]) -> bool:
        about = change.get("about")
        if about is None or change.get("moves") is not False:
            return True
        is_coming = self._is_drawing or change["topic"] in self._stale
        return is_coming or any(str(pk) in self._has for pk in about)

    async def _follow(self, socket: Any) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            due, asked = set(self._stale), time.monotonic()
            self._stale.clear()
            rounds = []
            if "inbox:all" in due:
                rounds.append(self._draw_list(socket))
            if f"ticket:{self._pk}" in due:
                rounds.append(self._draw_ticket(socket))
            rounds.append(self._get_all(due))
            await asyncio.gather(*rounds)
            await asyncio.sleep(min(5.0, max(_PAUSE, time.monotonic() - asked)))

    async def _get_all(self, due: set[str]) -> None:
        """Over one kept connection; a browser has six."""
        if f"presence:{self._pk}" in due:
            await self._get(self._page, "presence collision")
        if "counts:all" in due:
            await self._get(f"/tickets/?{_LIST}", "nav-lists")

    async def _draw(
        self, socket: Any, topic: str, address: str, has: dict[str, str], *, plain: bool = False
    ) -> str | None:
        drawn = self._drawn[topic] = asyncio.get_running_loop().create_future()
        asked: dict[str, Any] = {"topic": topic, "address": address, "language": "ru"}
        asked |= {"zone": self._zone, "has": has, "apart": True, "plain": plain}
        await socket.send(json.dumps({"draw": asked}))
        return await drawn

    async def _draw_ticket(self, socket: Any) -> None:
        address = f"{self._page}?{_LIST}"
        html = await self._draw(socket, f"ticket:{self._pk}", address, dict.fromkeys(_PIECES, ""))
        if html is None:
            self.seen.whole += 1
            html = (await self._get(self._page, " ".join(_PIECES))).decode()
        if found := _VERSION.search(html):
            self.seen.ticket_at.append((self._pk, int(found[1]), time.monotonic()))

    async def _draw_list(self, socket: Any) -> None:
        self._is_drawing = True
        html = await self._draw(socket, "inbox:all", _LIST, self._has, plain=True)
        if html is None:
            self.seen.whole += 1
            await self._fetch_list()
        else:
            self._take(html)
        self._is_drawing = False

    async def _fetch_list(self) -> None:
        html = (await self._get(f"/tickets/?{_LIST}", "rows")).decode()
        if zone := _ZONE.search(html):
            self._zone = zone[1]
        self._take(html)

    def _take(self, html: str) -> None:
        now = time.monotonic()
        fresh = {row[1]: (int(row[2]), row[3]) for row in _ROW.finditer(html)}
        self.seen.rows += [(int(pk), version, now) for pk, (version, _digest) in fresh.items()]
        same = {pk: self._has[pk] for pk in _SAME.findall(html)}
        self._has = same | {pk: digest for pk, (_version, digest) in fresh.items()}

    async def _get(self, path: str, target: str) -> bytes:
        async with self._one_at_a_time:
            return await self._ask(path, target)

    async def _ask(self, path: str, target: str) -> bytes:
        port = self._desk.port
        live = f"HX-Request: true\r\nHX-Live: true\r\nHX-Target: {target}\r\n" if target else ""
        request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {self._cookie}\r\n{live}\r\n"
        )
        for _attempt in range(2):
            if self._http is None:
                self._http = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = self._http
            try:
                writer.write(request.encode())
                head = await reader.readuntil(b"\r\n\r\n")
                break
            except (asyncio.IncompleteReadError, ConnectionError):
                self._http = None
        else:
            raise ConnectionError(path)
        for given in _COOKIE.findall(head):
            self._cookie += f"; {given.decode()}"
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if not head.startswith(b"HTTP/1.1 200"):
            self.seen.failures += 1
        return body
