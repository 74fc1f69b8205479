"""A server on loopback that talks to each connection as a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], object]


@contextmanager
def talking(talk: Talk | None = None) -> Iterator[tuple[int, list[socket.socket]]]:
    """Yields (port, connections). Each connection is closed when ``talk`` has ended; without one
    it is held open in silence. In the end all are closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def serve(connection: socket.socket, say: Talk) -> None:
        with connection, suppress(OSError):
            say(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _peer = listener.accept()
                held.append(connection)
                if talk is not None:
                    threading.Thread(target=serve, args=(connection, talk), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], held
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            connection.close()
        thread.join(5)
