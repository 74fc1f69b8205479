"""The desk's side of the pipe: the socket it talks to, and the spool it falls back to."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import structlog

from otklik.channels.contract import Disposition
from otklik.core.db.connections import tidy_connections
from otklik.core.db.threads import RestingThreads
from otklik.core.settings import config

from . import spool
from .accepting import Accepted, TryLater, accept_mail, quarantine_mail
from .mailboxes import DIRECTORY
from .pipe import EX_NOUSER, EX_OK, EX_TEMPFAIL, EX_UNAVAILABLE, SOCKET_NAME
from .reading import Envelope

logger = structlog.get_logger(__name__)

WORKERS = 4
WAITING = 64
READ_WITHIN = 60.0
LOOK_EVERY = 2.0
MAX_HEAD = 64 * 1024


class Receiver:
    """Serves ``<home>/run/pipe.sock`` in threads until ``stop``."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._slots = threading.BoundedSemaphore(WORKERS + WAITING)

    def run(self) -> None:
        path = config().run_dir / SOCKET_NAME
        listener = _listen(path)
        try:
            with RestingThreads(WORKERS, "mail-pipe", least=0) as pool:
                while not self._stop.is_set():
                    try:
                        connection, _ = listener.accept()
                    except TimeoutError:
                        continue
                    if not self._slots.acquire(blocking=False):
                        connection.close()  # the pipe spools instead
                        continue
                    pool.submit(self._serve, connection)
        finally:
            listener.close()
            path.unlink(missing_ok=True)

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(READ_WITHIN)
            with connection, connection.makefile("rb") as stream:
                with tidy_connections():
                    answer = _answer(json.loads(stream.readline(MAX_HEAD)), stream)
                connection.sendall(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.info("pipe_cut", reason=type(error).__name__)
        except Exception:
            logger.exception("pipe_failed")
        finally:
            self._slots.release()


def _answer(head: dict[str, Any], stream: Any) -> dict[str, Any]:
    recipients = [str(one) for one in head["to"]][:1000]
    sender = head.get("from")
    size = int(head["size"])
    if size > config().max_message:
        # A pipe cut in the middle would think us gone and spool what is refused here.
        while size > 0 and (piece := stream.read(min(size, 1 << 20))):
            size -= len(piece)
        return _said(EX_UNAVAILABLE, "rejected", f"larger than {config().max_message} bytes")
    raw = stream.read(size)
    if len(raw) != size:
        raise ValueError("cut off")
    if not any(DIRECTORY.find_mailbox(one) for one in recipients):
        return _said(EX_NOUSER, "rejected", "no such address")
    try:
        accepted = accept_mail(raw, recipients, sender=sender if isinstance(sender, str) else None)
    except TryLater as problem:
        return _said(EX_TEMPFAIL, "", str(problem))
    return {"exit": _exit_code(accepted), "result": accepted.result.as_dict()}


def _exit_code(accepted: Accepted) -> int:
    return EX_UNAVAILABLE if accepted.result.disposition is Disposition.REJECTED else EX_OK


def _said(code: int, disposition: str, reason: str) -> dict[str, Any]:
    result = {"ticket": None, "message": None, "disposition": disposition, "reason": reason}
    return {"exit": code, "result": result}


def _listen(path: Path) -> socket.socket:
    """A socket that only our user and group may write to, from its first moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    handle = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    old = os.umask(0o117)
    try:
        listener.bind(str(path) if len(str(path)) < 100 else f"/proc/self/fd/{handle}/{path.name}")
    finally:
        os.umask(old)
        os.close(handle)
    listener.listen(WAITING)
    listener.settimeout(1.0)
    return listener


class SpoolReader:
    """Takes in what the pipe kept while the desk was down, oldest first."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._not_before: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                with tidy_connections():
                    self.take_all()
            except Exception:
                logger.exception("spool_failed")
            self._stop.wait(LOOK_EVERY)

    def take_all(self) -> int:
        """One round over the spool; returns how many mails left it."""
        home = str(config().home)
        taken = 0
        for path in spool.list_kept(home):
            if self._stop.is_set():
                break
            if time.monotonic() < self._not_before.get(path, 0):
                continue
            try:
                self._take(path)
                taken += 1
            except TryLater:
                # The desk is unwell, not this mail: keep the order and come back.
                self._wait_with(path)
                break
            except FileNotFoundError:
                continue
            except OSError:
                logger.exception("spool_file_unreadable", file=os.path.basename(path))
                self._wait_with(path)
        for path in spool.stray_files(home):
            spool.forget(path)
        return taken

    def _take(self, path: str) -> None:
        try:
            recipients, sender, raw = spool.read_kept(path)
        except ValueError:
            whole = Path(path).read_bytes()
            quarantine_mail(whole, Envelope(), None, "no envelope in the spool file")
        else:
            accept_mail(raw, recipients, sender=sender)
        spool.forget(path)
        self._not_before.pop(path, None)
        self._failures.pop(path, None)

    def _wait_with(self, path: str) -> None:
        failures = self._failures[path] = self._failures.get(path, 0) + 1
        self._not_before[path] = time.monotonic() + min(300.0, 2.0**failures)
