"""A desk that is killed and comes back: `otklik up` with its processes by name."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.services import PATIENCE, environment_without_desk, free_port
from tests.services.dovecot import ImapServer
from tests.services.ready import fill_home

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = Path(sys.executable).with_name("otklik")
SUPPORT = "support@desk.example"
FETCHED = "fetched@desk.example"
CHILDREN = {"front", "back", "mail"}
_PREPARE = """
import json, sys
import django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.conf import settings
from importlib import import_module
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import make_administrator, user_of
user = user_of(make_administrator("Dasha", email="dasha@desk.example"))
make_mailbox("support@desk.example")
imap = json.loads(sys.argv[1])
if imap:
    make_mailbox("fetched@desk.example", config=imap["config"], secrets=imap["secrets"])
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
# What the desk has noted as perhaps on its way out: from before the final dot to its own record.
_IN_WINDOW = """
    SELECT id FROM outbox_delivery WHERE status = 'sending' AND window_entered_at IS NOT NULL
"""


@dataclass
class Kill:
    """``caught``: deliveries that were inside their window when the back died."""

    target: str
    point: str
    caught: list[int] = field(default_factory=list)


class FragileDesk:
    def __init__(self, home: Path, smtp_port: int, database_url: str = "") -> None:
        """On SQLite in its home unless ``database_url`` names a PostgreSQL database."""
        self.home = home
        self.database_url = database_url
        self.port, self.mail_port = free_port(), free_port()
        kept = environment_without_desk()
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "otklik.project.settings",
            "OTKLIK_HOME": str(home),
            "OTKLIK_PORT": str(self.port),
            "OTKLIK_MAIL_PORT": str(self.mail_port),
            "OTKLIK_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "OTKLIK_DEMO": "0",
            **({"OTKLIK_DATABASE_URL": database_url} if database_url else {}),
        }
        self.session = ""
        self.kills: list[Kill] = []
        self._deaths = dict.fromkeys(CHILDREN, 0)
        self._names: dict[int, str] = {}
        self._up: subprocess.Popen[bytes] | None = None
        self._log = (home / "terminal").open("ab")
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self, imap: ImapServer | None) -> None:
        """Make the database, an agent who is signed in, and the mailboxes."""
        if self.database_url:
            self._run([str(_PROGRAM), "init"])
        else:
            fill_home(self.home)
        given = "null" if imap is None else _imap_settings(imap)
        self.session = self._run([sys.executable, "-c", _PREPARE, given]).split()[-1]

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def deliver(self, letter: bytes) -> subprocess.Popen[bytes]:
        """Start the pipe with one letter, as a mail server does."""
        child = subprocess.Popen(
            [str(_PROGRAM), "mail", "deliver", "--to", SUPPORT, "--from", "pipe@customers.example"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.write(letter)
            child.stdin.close()
        return child

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read beside the desk, with nothing of the desk's own code."""
        if self.database_url:
            with psycopg.connect(self.database_url, autocommit=True) as server:
                return server.execute(sql.encode()).fetchall()
        address = f"file:{self.home / 'otklik.sqlite3'}?mode=ro"
        connection = sqlite3.connect(address, uri=True, timeout=20)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def start(self) -> None:
        with self._lock:
            self._deaths = dict.fromkeys(CHILDREN, 0)
            self._names = {}
            self._up = subprocess.Popen(
                [str(_PROGRAM), "up"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
            )

    def ensure_up(self, *, seconds: float = 2 * PATIENCE) -> None:
        """Start the desk again when its supervisor is dead; wait until all its children live."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self._lock:
                if self._up is None or self._up.poll() is not None:
                    self.start()
                if set(self.processes()) >= CHILDREN and _answers(self.url):
                    return
            time.sleep(0.05)
        raise AssertionError(f"the desk did not come back:\n{self.end_of_log()}")

    def processes(self) -> dict[str, int]:
        """Name → process id of the supervisor and of those of its children that live."""
        if self._up is None or self._up.poll() is not None:
            return {}
        found = {"supervisor": self._up.pid}
        with suppress(OSError):
            children = Path(f"/proc/{self._up.pid}/task/{self._up.pid}/children").read_text()
            alive = list(filter(_lives, map(int, children.split())))
            self._names = {pid: name for pid, name in self._names.items() if pid in alive}
            for pid in alive:
                if pid not in self._names and (name := self._name(pid, alive)):
                    self._names[pid] = name
        return found | {name: pid for pid, name in self._names.items()}

    def _name(self, pid: int, alive: list[int]) -> str:
        """Which child this is: the only one that is missing, else by the sockets it serves."""
        missing = CHILDREN - set(self._names.values())
        if len(missing) == 1:
            return missing.pop()
        sockets = _sockets(pid)
        if sockets & _listening_inodes(self.mail_port):
            return "mail"
        # Whoever was just forked has the web's socket too, and closes it: one keeps it in the end.
        web = _listening_inodes(self.port)
        others = (_sockets(each) for each in alive if each != pid)
        is_last = len(alive) == len(CHILDREN) and not any(each & web for each in others)
        return "front" if sockets & web and is_last else ""

    def may_kill(self, target: str) -> bool:
        """Not when the supervisor would wait long before it starts the child again."""
        return target not in self._deaths or self._deaths[target] < 3

    def kill(self, target: str, point: str) -> bool:
        """``kill -9`` of a process by name, or of ``all`` at once as by a power cut; False when it
        was not running. What the window held is read before anybody can change it."""
        with self._lock:
            alive = self.processes()
            if (target not in alive and target != "all") or "supervisor" not in alive:
                return False
            made = Kill(target, point)
            os.kill(alive["supervisor"], signal.SIGSTOP)
            if target == "supervisor":
                _end([alive["supervisor"]])
                # Its children notice and end in order: nothing of it stays behind.
                _await_end([pid for name, pid in alive.items() if name != "supervisor"], PATIENCE)
            elif target == "all":
                _end([pid for name, pid in alive.items() if name != "supervisor"])
            else:
                self._deaths[target] += 1
                _end([alive[target]])
            if target not in ("front", "mail"):
                made.caught = [row[0] for row in self.rows(_IN_WINDOW)]
            if target == "all":
                _end([alive["supervisor"]])
            if target in ("all", "supervisor"):
                assert self._up is not None
                self._up.wait(PATIENCE)
            else:
                os.kill(alive["supervisor"], signal.SIGCONT)
            self.kills.append(made)
            return True

    def stop(self) -> None:
        with self._lock:
            if self._up is not None and self._up.poll() is None:
                self._up.terminate()
                try:
                    self._up.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    self._up.kill()
                    self._up.wait()
        self._log.close()

    def reopen(self) -> None:
        """After ``stop``: the same home again."""
        self._log = (self.home / "terminal").open("ab")
        self._up = None
        self.ensure_up()

    def end_of_log(self) -> str:
        return (self.home / "terminal").read_text(errors="replace")[-3000:]


@contextmanager
def fragile_desk(
    smtp_port: int, imap: ImapServer | None, database_url: str = ""
) -> Iterator[FragileDesk]:
    with tempfile.TemporaryDirectory(prefix="otklik-faults-") as folder:
        desk = FragileDesk(Path(folder), smtp_port, database_url)
        try:
            desk.prepare(imap)
            desk.start()
            desk.ensure_up()
            yield desk
        finally:
            desk.stop()


def soon(is_so: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _end(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _await_end(pids, PATIENCE)


def _await_end(pids: list[int], seconds: float) -> None:
    assert soon(lambda: not any(_lives(pid) for pid in pids), seconds), "orphans are left"


def _lives(pid: int) -> bool:
    """Any of its threads: one that was killed in the middle of a write ends that write first."""
    for task in _listed(Path(f"/proc/{pid}/task")):
        with suppress(FileNotFoundError, ProcessLookupError):
            state = (task / "stat").read_bytes().rpartition(b")")[2].split()[0]
            if state not in (b"Z", b"X"):
                return True
    return False


def _listed(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return list(folder.iterdir())
    return []


def _sockets(pid: int) -> set[str]:
    found = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if match := re.fullmatch(r"socket:\[(\d+)\]", str(handle.readlink())):
                found.add(match[1])
    return found


def _listening_inodes(port: int) -> set[str]:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    words = (line.split() for line in lines)
    return {w[9] for w in words if w[3] == "0A" and int(w[1].rpartition(":")[2], 16) == port}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _imap_settings(imap: ImapServer) -> str:
    import json

    config = {
        "imap_host": imap.host,
        "imap_port": imap.port,
        "imap_security": "none",
        "imap_user": FETCHED,
    }
    return json.dumps({"config": config, "secrets": {"imap_password": imap.password}})
