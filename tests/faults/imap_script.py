"""An IMAP server that misbehaves as told: a mailbox of letters, and replies put in their place."""

from __future__ import annotations

import imaplib
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.services.talking import talking

# Called instead of the proper answer to a command; False: hang up.
Fault = Callable[[socket.socket, bytes], bool]


@dataclass
class ScriptedImap:
    """``letters``: uid → raw. ``faults``: word of a command → what is done once in its place;
    ``said_size`` is told in place of the true size."""

    port: int
    letters: dict[int, bytes] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    greeting: bytes = b"* OK ready\r\n"
    uid_validity: int = 7
    said_size: int | None = None
    sessions: int = 0

    def talk(self, connection: socket.socket) -> None:
        self.sessions += 1
        connection.sendall(self.greeting)
        for line in connection.makefile("rb"):
            tag, _space, rest = line.strip().partition(b" ")
            words = rest.decode("latin-1").upper()
            fault = next((name for name in self.faults if name in words), None)
            if fault is not None:
                if not self.faults.pop(fault)(connection, tag):
                    return
                continue
            connection.sendall(self._answer(words) + tag + b" OK done\r\n")
            if words.startswith("LOGOUT"):
                return

    def _answer(self, words: str) -> bytes:
        if words.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words.startswith(("EXAMINE", "SELECT")):
            return b"* %d EXISTS\r\n" % len(self.letters)
        if words.startswith("STATUS"):
            next_uid = max(self.letters, default=0) + 1
            return b'* STATUS "INBOX" (UIDVALIDITY %d UIDNEXT %d)\r\n' % (
                self.uid_validity,
                next_uid,
            )
        if words.startswith("UID SEARCH"):
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.letters) + b"\r\n"
        if "RFC822.SIZE" in words:
            return b"".join(self._size(uid) for uid in _uids(words) if uid in self.letters)
        if "INTERNALDATE" in words:
            # Every letter came just now: a date of its own would be too old one day.
            now = imaplib.Time2Internaldate(time.time()).encode()
            line = b"* 1 FETCH (UID %d INTERNALDATE %b)\r\n"
            return b"".join(line % (uid, now) for uid in _uids(words) if uid in self.letters)
        if "BODY" in words:
            uid = _uids(words)[0]
            raw = self.letters[uid]
            if "HEADER" in words:
                raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, len(raw), raw)
        return b""

    def _size(self, uid: int) -> bytes:
        size = self.said_size if self.said_size is not None else len(self.letters[uid])
        return b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, size)


@contextmanager
def scripted_imap() -> Iterator[ScriptedImap]:
    with talking(lambda connection: served.talk(connection)) as (port, _held):
        served = ScriptedImap(port)
        yield served


def _uids(words: str) -> list[int]:
    found = re.search(r"FETCH ([\d,]+)", words)
    return [int(one) for one in found[1].split(",")] if found else []
