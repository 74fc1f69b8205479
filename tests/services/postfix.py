"""A Postfix for tests: takes every letter, keeps it in a folder or hands it on."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import PATIENCE, Missing, answers, free_port, stop, wait_until

_MAIN = {
    "compatibility_level": "3.6",
    "myhostname": "mx.example",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "virtual_mailbox_domains": "static:all",
    "virtual_mailbox_maps": "static:all/",
    "virtual_mailbox_limit": "0",
    "smtputf8_enable": "yes",
    "alias_maps": "",
    "alias_database": "",
    "biff": "no",
}
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{more}
"""


@dataclass(frozen=True)
class SmtpServer:
    """``letters`` are what was delivered here, oldest first, as bytes."""

    host: str
    port: int
    folder: Path

    def letters(self) -> list[bytes]:
        found = (self.folder / "mail" / "all" / "new").glob("*")
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime)]

    def wait_for(self, count: int, *, seconds: float = PATIENCE) -> list[bytes]:
        """The letters as soon as there are ``count``; fails the test when they do not come."""
        until = time.monotonic() + seconds
        while len(self.letters()) < count and time.monotonic() < until:
            time.sleep(0.1)
        letters = self.letters()
        log = (self.folder / "log").read_text()
        assert len(letters) >= count, f"{len(letters)} of {count} letters came:\n{log[-3000:]}"
        return letters

    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def postfix(
    settings: Mapping[str, str] | None = None, *, services: str = ""
) -> Iterator[SmtpServer]:
    """Run a server; ``settings`` go to main.cf, ``services`` (a pipe, say) to master.cf.

    Raises ``Missing`` where it is not installed or we are not root.
    """
    program = shutil.which("postfix") or shutil.which("postfix", path="/usr/sbin")
    if program is None:
        raise Missing("Postfix: the package postfix")
    if os.geteuid() != 0:
        raise Missing("Postfix: only root may start it")
    folder = Path(tempfile.mkdtemp(prefix="otklik-postfix-"))
    try:
        server = SmtpServer("127.0.0.1", free_port(), folder)
        _write_configuration(server, settings or {}, services)
        child = subprocess.Popen(
            [program, "-c", str(folder / "conf"), "start-fg"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: answers(server.port), child, folder / "log")
            yield server
        finally:
            _end_master(folder)
            stop(child)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_master(folder: Path) -> None:
    """`start-fg` is a shell that does not hand signals on: its master would outlive the test."""
    try:
        pid = int((folder / "queue" / "pid" / "master.pid").read_text())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return


def _write_configuration(server: SmtpServer, settings: Mapping[str, str], services: str) -> None:
    folder, nobody, owner = server.folder, pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
    folder.chmod(0o755)
    for name in ("conf", "queue", "data", "mail"):
        (folder / name).mkdir()
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    main = {
        **_MAIN,
        "queue_directory": f"{folder}/queue",
        "data_directory": f"{folder}/data",
        "maillog_file": f"{folder}/log",
        "maillog_file_prefixes": str(folder),
        "virtual_mailbox_base": f"{folder}/mail",
        "virtual_uid_maps": f"static:{nobody.pw_uid}",
        "virtual_gid_maps": f"static:{nobody.pw_gid}",
        "virtual_minimum_uid": "1",
        **settings,
    }
    (folder / "log").touch()
    lines = "".join(f"{name} = {value}\n" for name, value in main.items())
    (folder / "conf" / "main.cf").write_text(lines)
    master = _MASTER.format(port=server.port, more=services)
    (folder / "conf" / "master.cf").write_text(master)
