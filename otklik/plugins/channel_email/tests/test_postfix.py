"""A real Postfix in front of the desk: by LMTP, and by the pipe while the desk is down."""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.plugins.channel_email import receiver, spool
from otklik.plugins.channel_email.receiver import SpoolReader
from otklik.tickets.models import Message, Ticket
from tests.services import PATIENCE, Missing
from tests.services.postfix import postfix

pytestmark = pytest.mark.mail

ROOT = Path(__file__).parents[4]
DESK, OLGA = "support@demo.example", "olga@polden.example"
LETTER = (
    "From: Olga <olga@polden.example>\r\nTo: support@demo.example\r\n"
    "Subject: Help\r\nMessage-ID: <postfix@polden.example>\r\n\r\nThe water stays cold.\r\n"
)


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that the user of Postfix's pipe owns, in a place this user can reach."""
    nobody = pwd.getpwnam("nobody")
    home = Path(tempfile.mkdtemp(prefix="otklik-pipe-", dir="/var/tmp"))
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def open_program() -> Iterator[list[str]]:
    """The program where the pipe's user can reach it; it needs no package but our own."""
    folder = Path(tempfile.mkdtemp(prefix="otklik-program-", dir="/var/tmp"))
    sources = ROOT / "otklik"
    for path in sources.rglob("*.py"):
        if "tests" not in path.parts:
            copy = folder / "otklik" / path.relative_to(sources)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    pythons = (Path(sys.executable), Path("/usr/bin/python3"), Path("/usr/local/bin/python3"))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    python = next(filter(_is_open, pythons))
    yield [f"PYTHONPATH={folder}", str(python), "-m", "otklik.project.cli"]
    shutil.rmtree(folder, ignore_errors=True)


def test_postfix_hands_over_by_lmtp_and_refuses_what_the_desk_refuses(listener: int) -> None:
    settings = {
        "virtual_transport": f"lmtp:inet:127.0.0.1:{listener}",
        "recipient_delimiter": "+",
    }
    try:
        with postfix(settings) as server:
            with smtplib.SMTP(server.host, server.port, timeout=60) as client:
                client.sendmail(OLGA, [DESK, "nobody@demo.example"], LETTER)
            until = time.monotonic() + PATIENCE
            while not ("status=bounced" in (log := server.log()) and "status=sent" in log):
                assert time.monotonic() < until, log[-3000:]
                time.sleep(0.1)
    except Missing as missing:
        pytest.skip(str(missing))

    assert Ticket.objects.get().subject == "Help"
    assert Message.objects.get().body.text.strip() == "The water stays cold."
    assert "250 2.0.0 Taken in" in log
    assert "550 5.1.1" in log


def test_postfix_pipes_letters_that_wait_for_a_desk_that_is_down(
    support: Account, open_home: Path, open_program: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = (
        "otklik unix - n n - 4 pipe\n"
        f"  flags=Rq user=nobody argv=/usr/bin/env OTKLIK_HOME={open_home} {' '.join(open_program)}"
        " mail deliver --to ${original_recipient} --from ${sender}\n"
    )
    try:
        with postfix(
            {"virtual_transport": "otklik:", "otklik_destination_recipient_limit": "1"},
            services=service,
        ) as server:
            with smtplib.SMTP(server.host, server.port, timeout=60) as client:
                client.sendmail(OLGA, [DESK], LETTER)
            until = time.monotonic() + PATIENCE
            while not spool.list_kept(str(open_home)):
                assert time.monotonic() < until, server.log()[-3000:]
                time.sleep(0.1)
    except Missing as missing:
        pytest.skip(str(missing))

    recipients, sender, _raw = spool.read_kept(spool.list_kept(str(open_home))[0])
    assert (recipients, sender) == ([DESK], OLGA)
    changed = replace(config(), home=open_home)
    monkeypatch.setattr(receiver, "config", lambda: changed)
    assert SpoolReader(threading.Event()).take_all() == 1
    assert Ticket.objects.get().subject == "Help"


def _is_open(program: Path) -> bool:
    """Whether any user may walk to it and run it."""
    if not program.exists():
        return False
    real = program.resolve()
    return all(each.stat().st_mode & stat.S_IXOTH for each in (real, *real.parents))
