"""``otklik mail deliver --to ADDRESS [--from ADDRESS] < message.eml``: what a mail server calls.

Talks to the running desk over ``<home>/run/pipe.sock``; when the desk is down or slow, the mail is
kept in ``<home>/spool``. Standard library only and few modules of it: an MTA starts this per mail.

Exit codes (sysexits.h): 0 safe · 75 try again, also for every failure of our own · 67 no such
address · 69 refused for good. One JSON line on standard output says what became of the mail.
"""

from __future__ import annotations

import json
import os
import socket
import sys

TYPE_CHECKING = False  # typing itself is not worth its milliseconds here
if TYPE_CHECKING:
    from typing import Any

EX_OK, EX_NOUSER, EX_UNAVAILABLE, EX_TEMPFAIL = 0, 67, 69, 75
ANSWER_WITHIN = 30.0
DEFAULT_LIMIT = 50 << 20
DEFAULT_KEEP_FREE = 200 << 20
# Both are read by the desk as well: receiver.py serves the socket, mailboxes.py writes the file.
SOCKET_NAME = "pipe.sock"
ADDRESSES_NAME = "addresses"
USAGE = "usage: otklik mail deliver --to ADDRESS [--from ADDRESS] < message.eml"


def main(argv: list[str]) -> int:
    """Deliver standard input; ``argv`` is what follows ``mail deliver``. Never raises."""
    try:
        recipients, sender = _arguments(argv)
        return _deliver(recipients, sender)
    except _Usage as problem:
        return _say(EX_TEMPFAIL, "", str(problem))
    except Exception as error:
        return _say(EX_TEMPFAIL, "", f"{type(error).__name__}: {error}")


class _Usage(Exception):
    pass


def _arguments(argv: list[str]) -> tuple[list[str], str | None]:
    recipients: list[str] = []
    sender: str | None = None
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in {"--to", "--from"}:
            raise _Usage(f"unknown argument {word!r}; {USAGE}")
        if not equals:
            following = next(words, None)
            if following is None:
                raise _Usage(f"{name} needs an address; {USAGE}")
            value = following
        if name == "--to":
            recipients.append(value.strip().lower())
        else:
            sender = value.strip().strip("<>")
    if not recipients or not all(recipients):
        raise _Usage(USAGE)
    return recipients, sender


def _deliver(recipients: list[str], sender: str | None) -> int:
    home = os.path.abspath(os.environ.get("OTKLIK_HOME") or "var")
    if not os.path.isdir(home):
        return _say(EX_TEMPFAIL, "", f"no home folder at {home}")
    known, limit, keep_free = _known_addresses(home)
    raw = sys.stdin.buffer.read(limit + 1)
    if len(raw) > limit:
        while sys.stdin.buffer.read(1 << 20):
            pass  # a writer that meets a closed pipe would report a failure of ours
        return _say(EX_UNAVAILABLE, "rejected", f"larger than {limit} bytes")
    answer = _ask_desk(home, raw, recipients, sender)
    if answer is not None:
        print(json.dumps(answer["result"], ensure_ascii=False))
        return int(answer["exit"])
    if known is not None and not any(_is_known(one, known) for one in recipients):
        return _say(EX_NOUSER, "rejected", "no such address")
    if _free_space(home) - len(raw) < keep_free:
        return _say(EX_TEMPFAIL, "", "the disk is almost full")
    from otklik.plugins.channel_email import spool

    spool.keep(home, raw, recipients=recipients, sender=sender)
    return _say(EX_OK, "spooled", "")


def _ask_desk(
    home: str, raw: bytes, recipients: list[str], sender: str | None
) -> dict[str, Any] | None:
    """The desk's answer, None when it is down, too slow or could not keep the mail just now."""
    path = os.path.join(home, "run", SOCKET_NAME)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(ANSWER_WITHIN)
    try:
        # A path longer than sockaddr_un takes (108 bytes) is reached through its folder.
        handle = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
        try:
            connection.connect(path if len(path) < 100 else f"/proc/self/fd/{handle}/{SOCKET_NAME}")
        finally:
            os.close(handle)
        head = {"to": recipients, "from": sender, "size": len(raw)}
        connection.sendall(json.dumps(head).encode() + b"\n")
        connection.sendall(raw)
        received = b""
        while not received.endswith(b"\n"):
            piece = connection.recv(65536)
            if not piece or len(received) > 1 << 20:
                return None
            received += piece
    except OSError:
        return None
    finally:
        connection.close()
    try:
        answer = json.loads(received)
    except ValueError:
        return None
    if not isinstance(answer, dict) or answer.get("exit") not in {EX_OK, EX_NOUSER, EX_UNAVAILABLE}:
        return None
    return answer if isinstance(answer.get("result"), dict) else None


def _free_space(home: str) -> int:
    found = os.statvfs(home)
    return found.f_bavail * found.f_frsize


def _known_addresses(home: str) -> tuple[frozenset[str] | None, int, int]:
    """(addresses the desk last said it has, or None; the largest mail it takes; the room that
    stays free on the disk)."""
    try:
        with open(os.path.join(home, "run", ADDRESSES_NAME), encoding="utf-8") as stream:
            lines = stream.read().split("\n")
    except OSError:
        return None, DEFAULT_LIMIT, DEFAULT_KEEP_FREE
    first = lines[0].split()
    # A desk of an earlier release wrote the limit alone.
    if len(first) not in (2, 4) or first[0] != "limit" or not all(map(str.isdigit, first[1::2])):
        return None, DEFAULT_LIMIT, DEFAULT_KEEP_FREE
    keep_free = int(first[3]) if len(first) == 4 else DEFAULT_KEEP_FREE
    return frozenset(line for line in lines[1:] if line), int(first[1]), keep_free


def _is_known(address: str, known: frozenset[str]) -> bool:
    local, _at, domain = address.rpartition("@")
    if not domain.isascii():
        return True  # IDNA takes a library; the desk decides when it picks the mail up
    return address in known or f"{local.partition('+')[0]}@{domain}" in known


def _say(code: int, disposition: str, reason: str) -> int:
    result = {
        "ticket": None,
        "message": None,
        "disposition": disposition or None,
        "reason": reason,
    }
    print(json.dumps(result, ensure_ascii=False))
    if code != EX_OK and reason:
        print(f"otklik mail deliver: {reason}", file=sys.stderr)
    return code
