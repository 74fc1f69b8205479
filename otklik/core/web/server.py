"""uvicorn, with deadlines for clients that dribble headers or do not read their answer."""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from otklik.core.web.shell import LARGEST_HEADERS

HEADER_PATIENCE = 15.0  # seconds for all headers of one request
READ_PATIENCE = 60.0  # seconds a client may leave a full buffer unread
SHUTDOWN_PATIENCE = 3
# Seconds a thread that draws pages keeps the interpreter when the loop wants it: the loop gives it
# up with every word it sends, and with Python's 5 ms two hundred sockets would wait a second.
SWITCH_EVERY = 0.0005


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits, but not for ever."""

    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        self._expect_headers()
        super().data_received(data)
        if self._is_answering() or self.transport.get_protocol() is not self:
            self._calm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(READ_PATIENCE, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    def _expect_headers(self) -> None:
        if self._deadline is None and not self._is_answering():
            self._deadline = self.loop.call_later(HEADER_PATIENCE, self._give_up)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _calm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._is_answering() and not self.transport.is_closing():
            with suppress(Exception):
                self.transport.write(
                    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
                    b"Content-Type: text/plain\r\nContent-Length: 34\r\n\r\n"
                    b"The headers did not come in time.\n"
                )
            self.transport.close()


def serve(application: Any, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; open requests get a few seconds to end."""
    _allow_many_sockets()
    sys.setswitchinterval(SWITCH_EVERY)
    make_server(application).run(sockets=[listener])


def make_server(application: Any) -> uvicorn.Server:
    settings = uvicorn.Config(
        application,
        http=PatientProtocol,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=SHUTDOWN_PATIENCE,
        h11_max_incomplete_event_size=LARGEST_HEADERS,
    )
    return uvicorn.Server(settings)


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
