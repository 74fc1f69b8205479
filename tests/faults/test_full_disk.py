"""A disk that fills: mail is put off before it is full, and what is full loses nothing."""

from __future__ import annotations

import os
import smtplib
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.faults.fragile import SUPPORT, FragileDesk, soon
from tests.faults.load import Letter, Load, written
from tests.services import free_port
from tests.services.dovecot import ImapServer

pytestmark = [pytest.mark.mail]

SIZE = 48 << 20
KEEP = 16 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB, where the machine lets us make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "otklik-test", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("a file system of its own takes root: run the tests as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def desk(small_disk: Path, imap_server: ImapServer) -> Iterator[FragileDesk]:
    desk = FragileDesk(small_disk, free_port())
    desk.environment["OTKLIK_KEEP_FREE"] = str(KEEP)
    try:
        desk.prepare(imap_server)
        desk.start()
        desk.ensure_up()
        yield desk
    finally:
        desk.stop()


def test_mail_is_put_off_before_the_disk_is_full_and_comes_in_when_there_is_room(
    desk: FragileDesk, imap_server: ImapServer
) -> None:
    load = Load(desk, None, 1)
    assert soon(lambda: _cursors(desk) == 1, 90)
    assert load._by_lmtp(Letter(1, "lmtp"))
    ballast = desk.home / "ballast"
    _fill(ballast, leave=KEEP // 2)

    # A mail server keeps the letter: 452 before the letter travels, 75 from the pipe.
    with smtplib.LMTP("127.0.0.1", desk.mail_port) as client:
        client.ehlo()
        client.mail("c2@customers.example")
        code, words = client.rcpt(SUPPORT)
        assert (code, words[:5]) == (452, b"4.3.1")
    assert desk.deliver(written(Letter(3, "pipe"))).wait(60) == os.EX_TEMPFAIL
    assert not list((desk.home / "spool").glob("*"))
    imap_server.put("fetched@desk.example", written(Letter(4, "imap")))
    # An upload is refused in words; an agent's answer without files still goes.
    status, body = _upload(desk, 300_000)
    assert status == 507
    assert "no room for files" in body
    number = desk.rows("SELECT number FROM tickets_ticket")[0][0]
    assert load.post(f"/tickets/{number}/messages/", _answer("first")) in (200, 302)
    assert desk.rows("SELECT count(*) FROM tickets_ticket")[0][0] == 1

    ballast.unlink()
    assert load._by_lmtp(Letter(2, "lmtp"))
    assert desk.deliver(written(Letter(3, "pipe"))).wait(60) == 0
    assert soon(lambda: _subjects(desk) == _numbers(1, 2, 3, 4), 120), _subjects(desk)


def test_a_disk_that_is_full_in_the_middle_loses_nothing_and_the_desk_recovers(
    desk: FragileDesk,
) -> None:
    # The guard is off, so that the very last byte goes while letters are being written.
    desk.stop()
    desk.environment["OTKLIK_KEEP_FREE"] = "0"
    desk.reopen()
    load = Load(desk, None, 2)
    ballast = desk.home / "ballast"
    _fill(ballast, leave=600_000)
    taken, refused = [], 0
    for number in range(1, 41):
        with suppress(OSError, smtplib.SMTPException):
            if load._by_lmtp(Letter(number * 7, "lmtp")):
                taken.append(number * 7)
                continue
        refused += 1
    assert refused, "the disk was never full"
    assert desk.deliver(written(Letter(1, "pipe"))).wait(60) == os.EX_TEMPFAIL
    ballast.unlink()
    assert soon(lambda: load._by_lmtp(Letter(500, "lmtp")), 90)
    assert _subjects(desk) == _numbers(*taken, 500)
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]


def _fill(path: Path, *, leave: int) -> None:
    found = os.statvfs(path.parent)
    with path.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, found.f_bavail * found.f_frsize - leave)


def _answer(text: str) -> dict[str, str]:
    return {"kind": "public", "html": text, "to": "c1@customers.example"}


def _upload(desk: FragileDesk, size: int) -> tuple[int, str]:
    asked = urllib.request.Request(
        f"{desk.url}/uploads/", os.urandom(size), {"Content-Type": "multipart/form-data"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with closing(error):
            return error.code, error.read().decode()


def _cursors(desk: FragileDesk) -> int:
    return int(desk.rows("SELECT count(*) FROM channel_email_mailboxcursor")[0][0])


def _subjects(desk: FragileDesk) -> list[str]:
    return sorted(row[0] for row in desk.rows("SELECT subject FROM tickets_ticket"))


def _numbers(*numbers: int) -> list[str]:
    return [f"letter-{number:06d}" for number in sorted(numbers)]
