"""A mail server that records every letter it took, and can kill at a byte of the conversation."""

from __future__ import annotations

import re
import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default

# In the order of a conversation. After "dot" the server keeps the letter or has lost it, as may be.
POINTS = ("rcpt", "data", "dot_kept", "dot_lost", "accepted")
_MARK = re.compile(r"reply-\d{6}")


class Sink:
    """``taken``: mark → how often a letter with it was taken. The desk's own acknowledgements have
    the recipient as their mark."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._armed: tuple[str, Callable[[], bool]] | None = None
        self.fired = threading.Event()

    def arm(self, point: str, act: Callable[[], bool]) -> None:
        with self._lock:
            self._armed = (point, act)
            self.fired.clear()

    def disarm(self) -> None:
        """Nothing happens any more; waits for what has begun."""
        with self._lock:
            was_armed, self._armed = self._armed is not None, None
        if not was_armed:
            self.fired.wait(60)

    def reach(self, point: str) -> bool:
        """Act when armed for this point; True when somebody was killed. Else nothing happens: a
        conversation that breaks off by itself would make an uncertain letter without a kill."""
        with self._lock:
            if self._armed is None or self._armed[0] != point:
                return False
            act, self._armed = self._armed[1], None
        has_killed = act()
        self.fired.set()
        return has_killed

    def take(self, recipients: list[str], data: bytes) -> None:
        letter = message_from_bytes(data, policy=default)
        body = letter.get_body(("plain",))
        found = _MARK.search(str(body.get_content())) if body else None
        mark = found[0] if found else f"ack:{','.join(recipients)}"
        with self._lock:
            self.taken[mark] += 1


class _Conversation(socketserver.StreamRequestHandler):
    timeout = 60
    sink: Sink

    def handle(self) -> None:
        with suppress(OSError):
            self._talk()

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")
        self.wfile.flush()

    def _talk(self) -> None:
        sink, recipients = self.sink, []
        self._say("220 sink")
        while line := self.rfile.readline(4096):
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                self._say("250-sink\r\n250-SIZE 99999999\r\n250-SMTPUTF8\r\n250 8BITMIME")
            elif verb == b"RCPT":
                recipients.append(line.decode().partition("<")[2].partition(">")[0].lower())
                self._say("250 OK")
                if sink.reach("rcpt"):
                    return
            elif verb == b"DATA":
                self._say("354 go on")
                if not self._data(recipients):
                    return
                recipients = []
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 OK")

    def _data(self, recipients: list[str]) -> bool:
        sink, lines = self.sink, []
        while (line := self.rfile.readline(1 << 20)) != b".\r\n":
            if not line or sink.reach("data"):
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        if sink.reach("dot_lost"):
            return False
        sink.take(recipients, b"".join(lines))
        if sink.reach("dot_kept"):
            return False
        self._say("250 2.0.0 taken")
        return not sink.reach("accepted")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def sink() -> Iterator[Sink]:
    made = Sink()
    handler = type("Conversation", (_Conversation,), {"sink": made})
    with _Server(("127.0.0.1", 0), handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(5)
