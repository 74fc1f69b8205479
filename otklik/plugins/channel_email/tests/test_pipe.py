"""``otklik mail deliver`` as a mail server calls it: another process, exit codes, one JSON line."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from otklik.channels.models import Quarantined
from otklik.desk.models import Account
from otklik.people.models import Person
from otklik.plugins.channel_email import spool
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.plugins.channel_email.receiver import Receiver, SpoolReader
from otklik.tickets.models import Message, Ticket
from tests.services import PATIENCE

DESK = "support@demo.example"
LETTER = (
    b"From: Olga <olga@polden.example>\r\nTo: support@demo.example\r\nSubject: Help %d\r\n"
    b"Message-ID: <pipe%d@polden.example>\r\n\r\nThe water stays cold.\r\n"
)
ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.data


def deliver(home: Path, letter: bytes, *words: str) -> tuple[int, dict[str, Any]]:
    program = (
        "import sys; from otklik.plugins.channel_email.pipe import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *(words or ("--to", DESK))],
        input=letter,
        capture_output=True,
        env={**os.environ, "OTKLIK_HOME": str(home)},
        cwd=ROOT,
        check=False,
        timeout=150,
    )
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 1, done.stderr.decode()
    return done.returncode, json.loads(lines[0])


@pytest.fixture
def receiving(
    support: Account, home: Path, run: Callable[[Callable[[threading.Event], None]], None]
) -> Path:
    run(lambda stop: Receiver(stop).run())
    until = time.monotonic() + PATIENCE
    while not (home / "run" / "pipe.sock").exists() and time.monotonic() < until:
        time.sleep(0.01)
    return home


def test_the_running_desk_takes_the_letter_and_says_its_ticket(receiving: Path) -> None:
    code, said = deliver(receiving, LETTER % (1, 1))
    again, duplicate = deliver(receiving, LETTER % (1, 1))
    ticket = Ticket.objects.get()

    assert code == 0
    assert said == {
        "ticket": ticket.number,
        "message": Message.objects.get().pk,
        "disposition": "opened",
        "reason": "",
    }
    assert again == 0
    assert duplicate["disposition"] == "duplicate"
    assert duplicate["ticket"] == ticket.number
    assert stat.S_IMODE((receiving / "run" / "pipe.sock").stat().st_mode) == 0o660


def test_an_unknown_address_is_67_and_a_blocked_sender_69(receiving: Path) -> None:
    unknown, said = deliver(receiving, LETTER % (1, 1), "--to", "nobody@demo.example")
    assert (unknown, said["disposition"]) == (67, "rejected")

    deliver(receiving, LETTER % (1, 1))
    Person.objects.update(is_blocked=True)
    blocked, said = deliver(receiving, LETTER % (2, 2))
    assert (blocked, said["disposition"]) == (69, "rejected")
    assert Ticket.objects.count() == 1


def test_what_cannot_be_read_is_safe_in_quarantine(receiving: Path) -> None:
    code, said = deliver(receiving, b"\x00\x01 no letter at all")

    assert (code, said["disposition"]) == (0, "quarantined")
    assert Quarantined.objects.count() == 1


def test_a_letter_larger_than_the_limit_is_69_whether_the_desk_runs_or_not(
    support: Account, home: Path, configured: Callable[..., None]
) -> None:
    configured(max_message=1000)
    DIRECTORY.publish()

    code, said = deliver(home, LETTER % (1, 1) + b"x" * 5000)

    assert (code, said["disposition"]) == (69, "rejected")
    assert spool.list_kept(str(home)) == []


def test_a_running_desk_refuses_what_is_too_large_for_it(
    receiving: Path, configured: Callable[..., None]
) -> None:
    configured(max_message=1000)
    (receiving / "run" / "addresses").unlink(missing_ok=True)

    code, said = deliver(receiving, LETTER % (1, 1) + b"x" * 3_000_000)

    assert (code, said["disposition"]) == (69, "rejected")
    assert spool.list_kept(str(receiving)) == []


def test_while_the_desk_is_down_letters_are_kept_and_taken_in_later_in_order(
    support: Account, home: Path
) -> None:
    (home / "run" / "addresses").unlink(missing_ok=True)
    for number in (1, 2, 3):
        code, said = deliver(home, LETTER % (number, number))
        assert (code, said["disposition"]) == (0, "spooled")
    kept = spool.list_kept(str(home))
    assert len(kept) == 3
    assert stat.S_IMODE(Path(kept[0]).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "spool").stat().st_mode) == 0o700

    assert SpoolReader(threading.Event()).take_all() == 3

    assert spool.list_kept(str(home)) == []
    subjects = Ticket.objects.order_by("number").values_list("subject", flat=True)
    assert list(subjects) == ["Help 1", "Help 2", "Help 3"]


def test_a_desk_that_is_down_has_left_its_addresses(support: Account, home: Path) -> None:
    DIRECTORY.publish()

    unknown, _ = deliver(home, LETTER % (1, 1), "--to", "nobody@demo.example")
    plus, said = deliver(home, LETTER % (1, 1), "--to", "Support+x@demo.example", "--from", "")

    assert unknown == 67
    assert (plus, said["disposition"]) == (0, "spooled")
    for path in spool.list_kept(str(home)):
        assert spool.read_kept(path)[1] == ""
        spool.forget(path)


def test_a_kept_letter_to_nobody_is_quarantined_when_it_is_taken_in(
    support: Account, home: Path
) -> None:
    (home / "run" / "addresses").unlink(missing_ok=True)
    deliver(home, LETTER % (1, 1), "--to", "nobody@demo.example")
    spool.keep(str(home), b"", recipients=[DESK], sender=None)
    (home / "spool" / "00000000000000000000-broken.mail").write_bytes(b"not ours")

    SpoolReader(threading.Event()).take_all()

    assert Quarantined.objects.count() == 3
    assert not Ticket.objects.exists()
    assert spool.list_kept(str(home)) == []


def test_a_letter_no_database_can_hold_does_not_block_those_behind_it(
    support: Account, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DataError

    from otklik.plugins.channel_email import accepting

    take_in = accepting.take_in

    def picky(account: Account, message: Any, **options: Any) -> Any:
        if message.subject == "Help 1":
            raise DataError("text fields cannot contain NUL (0x00) bytes")
        return take_in(account, message, **options)

    monkeypatch.setattr(accepting, "take_in", picky)
    for number in (1, 2):
        spool.keep(str(home), LETTER % (number, number), recipients=[DESK], sender="b@x.example\0")

    SpoolReader(threading.Event()).take_all()

    assert spool.list_kept(str(home)) == []
    assert Quarantined.objects.get().envelope_from == "b@x.example"
    assert Ticket.objects.get().subject == "Help 2"


def test_what_a_part_calls_itself_is_a_type_or_nothing(support: Account) -> None:
    from otklik.plugins.channel_email.reading import read_message

    raw = (
        b"From: olga@polden.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="q"\r\n\r\n'
        b"--q\r\nContent-Type: appli\0cation/x\0y\r\n"
        b'Content-Disposition: attachment; filename="a\0b.txt"\r\n\r\nzzz\r\n'
        b"--q\r\nContent-Type: application/vnd.ms-excel\r\n\r\nzzz\r\n--q--\r\n"
    )
    odd, plain = read_message(raw).files
    assert (odd.content_type, odd.name) == ("application/octet-stream", "ab.txt")
    assert plain.content_type == "application/vnd.ms-excel"


def test_a_desk_that_cannot_write_leaves_the_spool_as_it_is(
    support: Account, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from otklik.plugins.channel_email import accepting

    def locked(*arguments: object, **options: object) -> None:
        raise OperationalError("database is locked")

    spool.keep(str(home), LETTER % (1, 1), recipients=[DESK], sender=None)
    reader = SpoolReader(threading.Event())
    with monkeypatch.context() as broken:
        broken.setattr(accepting, "take_in", locked)
        assert reader.take_all() == 0
    assert len(spool.list_kept(str(home))) == 1

    assert SpoolReader(threading.Event()).take_all() == 1
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "words", [(), ("--to",), ("--what", "x"), ("--to", ""), ("--from", "a@b.example")]
)
def test_a_wrong_call_is_75_so_that_the_mail_server_keeps_the_letter(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, said = deliver(tmp_path, LETTER % (1, 1), *(words or ("--x",)))

    assert code == 75
    assert said["disposition"] is None
    assert said["reason"]


def test_no_home_and_no_room_are_75(tmp_path: Path) -> None:
    assert deliver(tmp_path / "missing", LETTER % (1, 1))[0] == 75
    (tmp_path / "spool").write_text("a file where the folder should be")
    assert deliver(tmp_path, LETTER % (1, 1))[0] == 75


def test_a_desk_that_hangs_up_does_not_lose_the_letter(tmp_path: Path) -> None:
    import socket

    (tmp_path / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "run" / "pipe.sock"))
        listener.listen()
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        code, said = deliver(tmp_path, LETTER % (1, 1) * 1)
        thread.join()

    assert (code, said["disposition"]) == (0, "spooled")
    assert len(spool.list_kept(str(tmp_path))) == 1


def test_the_pipe_loads_no_framework() -> None:
    program = (
        "import sys, otklik.plugins.channel_email.pipe, otklik.plugins.channel_email.spool; "
        "print([m for m in sys.modules if m.split('.')[0] in "
        "('django', 'pydantic', 'structlog', 'asyncio', 'email', 'argparse', 'subprocess')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert done.stdout.strip() == "[]"
