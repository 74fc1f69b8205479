"""The desk's own front in a thread of the test: pages and sockets over the test's database.

Unlike a desk of its own (`desk`), the test itself makes rows and dispatches events.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from otklik.core.realtime.connection import Connection
from otklik.core.realtime.hub import Hub
from otklik.core.web.server import make_server
from otklik.project.asgi import make_shell
from tests.services import PATIENCE


class Front:
    """``url`` of the running front; ``cut`` and ``mend`` its sockets."""

    def __init__(self, url: str, hub: Hub) -> None:
        self.url = url
        self.hub = hub
        self.loop: asyncio.AbstractEventLoop | None = None
        self._admit = hub.admit

    def cut(self) -> None:
        """End every socket and turn away new ones."""
        self.hub.admit = lambda connection: False  # type: ignore[method-assign]
        connections: list[Connection] = list(self.hub._connections)
        assert self.loop is not None
        for each in connections:
            asyncio.run_coroutine_threadsafe(each.close(1012), self.loop).result(PATIENCE)

    def mend(self) -> None:
        self.hub.admit = self._admit  # type: ignore[method-assign]


@contextmanager
def front() -> Iterator[Front]:
    """Serve until the end of the block. Needs a database whose rows are committed."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    shell = make_shell()
    served = Front(f"http://127.0.0.1:{listener.getsockname()[1]}", shell._hub)
    server = make_server(shell)

    async def serve() -> None:
        served.loop = asyncio.get_running_loop()
        await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.02)
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE)
        listener.close()
