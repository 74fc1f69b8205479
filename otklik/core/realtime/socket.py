"""``/ws``: the ASGI side of a connection. Checks the origin before anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.http.request import split_domain_port, validate_host

from otklik.core.realtime.connection import Connection
from otklik.core.realtime.hub import Hub

logger = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def serve_socket(hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one socket until either side ends it."""
    await receive()  # websocket.connect
    headers = {name: value for name, value in scope["headers"] if name in _READ}
    if not is_own_origin(headers.get(b"origin", b""), headers.get(b"host", b"")):
        logger.info("socket_origin_refused")
        await send({"type": "websocket.close", "code": 4403})
        return
    cookies = headers.get(b"cookie", b"").decode("latin-1")

    async def write(text: str) -> None:
        await send({"type": "websocket.send", "text": text})

    async def close(code: int) -> None:
        await send({"type": "websocket.close", "code": code})

    connection = Connection(hub, lambda: _request(cookies), write, close)
    if not hub.admit(connection):
        await send({"type": "websocket.close", "code": 1013})
        return
    await send({"type": "websocket.accept"})
    writer = asyncio.create_task(connection.run())
    reader = asyncio.create_task(_read(connection, receive))
    try:
        done, _ = await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if error is not None and not isinstance(error, OSError):
                logger.error("socket_failed", exc_info=error)
                await connection.close(1011)
    finally:
        connection.is_closed = True
        hub.dismiss(connection)
        for task in (writer, reader):
            task.cancel()
        await asyncio.gather(writer, reader, return_exceptions=True)


def is_own_origin(origin: bytes, host: bytes) -> bool:
    """Whether a page of this desk opened the socket: its origin is the host that was asked,
    and that host is one of ours. Programs without an origin have REST."""
    parts = urlsplit(origin.decode("latin-1"))
    named = host.decode("latin-1").lower()
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() != named:
        return False
    domain, _port = split_domain_port(named)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


_READ = frozenset({b"origin", b"host", b"cookie"})


async def _read(connection: Connection, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await connection.receive(message.get("text") or "")


def _request(cookies: str) -> HttpRequest:
    """A request that carries the session as ordinary ones do; made anew for each look."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = "/ws"
    request.COOKIES = parse_cookie(cookies)
    SessionMiddleware(_nothing).process_request(request)
    AuthenticationMiddleware(_nothing).process_request(request)
    return request


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
