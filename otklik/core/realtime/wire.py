"""Send a change to every front: over a local socket, or Redis when there are several nodes.

Losing a message must not leave a page stale: the next one that gets through says there was a
gap, and the front compares the versions of everything its pages show.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from otklik.core.db import after_commit
from otklik.core.realtime.topics import is_topic
from otklik.core.settings import config

logger = structlog.get_logger(__name__)

CHANNEL = "otklik:realtime"
RIGHTS = "rights:"  # and a person: no page subscribes to it
# The kernel queues few datagrams; a front that is busy for longer than this catches up instead,
# which costs it a look at every page. One that has just been is not waited for again.
_PATIENCE, _IMPATIENCE = 0.5, 0.05
_gap = threading.Event()


class _Wire:
    """What this process holds open; sending a datagram and Redis's client are thread-safe."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.redis: Any = None

    def close(self) -> None:
        self.socket.close()
        if self.redis is not None:
            self.redis.close()


_lock = threading.Lock()
_wires: list[_Wire] = []
_folders: dict[str, int] = {}


def publish(topic: str, version: int | None, event_id: int | None = None) -> None:
    """After the commit (at once outside a transaction): ``topic`` is now at ``version``.

    Never raises for a front that is away. Raises ValueError for what is no topic.
    """
    publish_all([topic], version, event_id)


def publish_all(
    topics: Iterable[str],
    version: int | None,
    event_id: int | None = None,
    *,
    about: int | None = None,
    moves: bool = True,
) -> None:
    """Several topics in one message. ``about``: the id of the thing in them that changed;
    ``moves``: whether that may change which things they show, or where."""
    names = list(topics)
    if unknown := [topic for topic in names if not is_topic(topic)]:
        raise ValueError(f"no topic: {unknown[0]!r}")
    message: dict[str, Any] = {"version": version, "event": event_id}
    if about is not None:
        message |= {"about": about, "moves": moves}
    told = [{"topic": topic, **message} for topic in names]
    if told:
        after_commit(lambda: send(*told))


def doubt_rights(*person_ids: int) -> None:
    """After the commit: what the open pages of these may hear is asked anew at once, and who may
    not be here any more hears nothing. Never raises for a front that is away: there a check of
    rights is believed for some seconds."""
    told = [{"topic": f"{RIGHTS}{pk}", "version": None, "event": None} for pk in person_ids]
    if told:
        after_commit(lambda: send(*told))


def send(*messages: dict[str, Any]) -> None:
    """Together: the kernel's queue for a front holds ten datagrams, whatever is in them."""
    had_gap = _gap.is_set()
    told = [{**messages[0], "gap": True}, *messages[1:]] if had_gap else list(messages)
    try:
        if config().redis_url:
            for message in told:  # a node that is one version behind reads them one by one
                _redis().publish(CHANNEL, json.dumps(message).encode())
        elif not _send_local(json.dumps(told if len(told) > 1 else told[0]).encode()):
            return
    except Exception as error:
        _gap.set()
        hang_up()
        logger.warning("realtime_not_sent", reason=type(error).__name__)
        return
    if had_gap:
        _gap.clear()


def socket_path() -> Path:
    return config().run_dir / "realtime.sock"


def reachable(path: Path) -> str:
    """A name for the socket that fits into the kernel's 107 bytes, however deep the home is."""
    if len(os.fsencode(path)) <= 100:
        return str(path)
    with _lock:
        if str(path.parent) not in _folders:
            _folders[str(path.parent)] = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{_folders[str(path.parent)]}/{path.name}"


def _send_local(data: bytes) -> bool:
    """False when no front listens here: then nobody can be stale either."""
    with suppress(FileNotFoundError, ConnectionRefusedError):
        wire = _wire()
        wire.socket.settimeout(_IMPATIENCE if _gap.is_set() else _PATIENCE)
        wire.socket.sendto(data, reachable(socket_path()))
        return True
    return False


def _redis() -> Any:
    import redis

    wire = _wire()
    if wire.redis is None:
        wire.redis = redis.Redis.from_url(
            config().redis_url, socket_timeout=1, socket_connect_timeout=1
        )
    return wire.redis


def _wire() -> _Wire:
    with _lock:
        if not _wires or _wires[0].pid != os.getpid():
            # After a fork the parent's descriptors stay the parent's.
            _wires[:] = [_Wire()]
        return _wires[0]


def hang_up() -> None:
    """Close what this process holds open; the next message opens it anew."""
    with _lock:
        for wire in _wires:
            wire.close()
        _wires.clear()
