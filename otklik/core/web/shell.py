"""The ASGI shell: everything slow about clients stays here, threads only ever do work.

Bodies are spooled before a thread is taken, answers are sent after it was given back, files are
streamed piecewise; so eight slow clients do not stop eight threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from prometheus_client import Gauge

from otklik.core.db.threads import RestingThreads
from otklik.core.realtime.hub import Hub
from otklik.core.realtime.socket import serve_socket
from otklik.core.settings.room import has_room
from otklik.core.web import metrics
from otklik.core.web.bridge import Answer, Wsgi, accepts_gzip, environ_for, run_wsgi
from otklik.core.web.refusals import refusal
from otklik.core.web.sending import send_answer, send_bytes
from otklik.core.web.spool import BodyRefused, ClientGone, Spool, SpoolLimits
from otklik.core.web.static import PREFIX as STATIC
from otklik.core.web.static import StaticFiles

logger = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Beyond this a request would wait longer than people do; better a quick word than a slow page.
MAX_WAITING = 256
_BODYLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# A GET with a body is allowed by HTTP and useful to nobody here.
_LARGEST_WITH_GET = 64 * 1024
# What agents type still gets in when the disk is almost full.
_SMALL = 64 * 1024
_READERS = 8
_LINGER = 3.0
LARGEST_HEADERS = 32 * 1024  # with the address

WAITING = Gauge(
    "otklik_http_waiting", "Requests that wait for a thread", multiprocess_mode="livesum"
)


class Shell:
    """``wsgi`` answers pages in ``threads`` threads; ``hub`` serves ``/ws``."""

    def __init__(self, wsgi: Wsgi, hub: Hub, *, threads: int, limits: SpoolLimits) -> None:
        self._wsgi = wsgi
        self._hub = hub
        self._workers = RestingThreads(threads, "web")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="files")
        self._spool = Spool(limits)
        self._small = Spool(SpoolLimits(_LARGEST_WITH_GET, limits.idle, limits.grace, limits.pace))
        self._static = StaticFiles()
        self._threads = threads
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if path == "/healthz" and method in {"GET", "HEAD"}:
            await send_bytes(200, [("Content-Type", "text/plain")], b"ok\n", send, method)
            return
        if path.startswith(STATIC) and method in {"GET", "HEAD"}:
            await self._send_static(scope, send)
            return
        if _head_size(scope) > LARGEST_HEADERS:
            await self._refuse(431, "headers", scope, send)
            return
        spool = self._small if method in _BODYLESS else self._spool
        try:
            length = _content_length(scope)
            if (length is None or length > _SMALL) and not has_room(length or 0):
                raise BodyRefused(507, "disk_full")
            body, size = await spool.take(length, receive)
        except ClientGone:
            metrics.REFUSED.labels("gone").inc()
            return
        except BodyRefused as refused:
            await self._refuse(refused.status, refused.why, scope, send, receive)
            return
        try:
            if self._active >= self._threads + MAX_WAITING:
                await self._refuse(503, "busy", scope, send)
                return
            answer = await self._run(scope, body, size)
        finally:
            body.close()
            spool.release(size)
        wanted = _header(scope, b"range")
        await send_answer(answer, method, wanted, send, self._readers)

    async def _run(self, scope: Scope, body: Any, size: int) -> Answer:
        environ = environ_for(scope, body, size)
        pack = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        self._active += 1
        WAITING.set(max(0, self._active - self._threads))
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._workers, partial(run_wsgi, self._wsgi, environ, pack=pack)
            )
        finally:
            self._active -= 1
            WAITING.set(max(0, self._active - self._threads))

    async def _send_static(self, scope: Scope, send: Send) -> None:
        status, headers, body = await asyncio.get_running_loop().run_in_executor(
            self._readers,
            self._static.answer,
            scope["path"],
            _header(scope, b"accept-encoding"),
            _header(scope, b"if-none-match"),
        )
        await send_bytes(status, headers, body, send, scope["method"])

    async def _refuse(
        self, status: int, why: str, scope: Scope, send: Send, receive: Receive | None = None
    ) -> None:
        metrics.REFUSED.labels(why).inc()
        logger.info("request_refused", why=why, status=status)
        headers, body = refusal(status, scope, self._spool.limits.largest)
        if receive is None:
            await send_bytes(status, headers, body, send, scope["method"])
            return
        # A client that is still sending reads its answer only while the socket stays open.
        await send_bytes(status, headers, body, send, scope["method"], is_last=False)
        await _drain(receive)
        await send({"type": "http.response.body", "body": b""})

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/ws":
            await serve_socket(self._hub, scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4404})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._hub.stop()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})


def _head_size(scope: Scope) -> int:
    fields = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    return fields + len(scope["raw_path"]) + len(scope["query_string"])


async def _drain(receive: Receive) -> None:
    try:
        async with asyncio.timeout(_LINGER):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass


def _content_length(scope: Scope) -> int | None:
    written = _header(scope, b"content-length")
    if not written:
        return None
    if not written.isascii() or not written.isdigit() or len(written) > 15:
        raise BodyRefused(400, "bad_length")
    return int(written)


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return ""
