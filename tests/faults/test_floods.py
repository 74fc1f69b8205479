"""Too much of everything, on a whole desk: letters, sizes, slow clients, sockets that talk."""

from __future__ import annotations

import http.client
import io
import os
import smtplib
import socket
import statistics
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.faults.fragile import SUPPORT, FragileDesk, fragile_desk, soon
from tests.faults.load import Letter, Load
from tests.services import free_port

pytestmark = [pytest.mark.mail]

# `make faults` asks for ten thousand.
LETTERS = int(os.environ.get("FAULTS_LETTERS", "300"))
SENDERS = 12
SLOW = 100
BIG = 200 << 20
LIMIT = 50 << 20


@pytest.fixture(scope="module")
def desk() -> Iterator[FragileDesk]:
    with fragile_desk(free_port(), None) as running:
        yield running


def test_of_many_letters_at_once_every_acknowledged_one_is_a_ticket_once(
    desk: FragileDesk,
) -> None:
    load = Load(desk, None, 1)
    letters = [Letter(10_000 + number, "lmtp") for number in range(LETTERS)]

    def offer(letter: Letter) -> int:
        """As a mail server does: until it is taken; a few are offered twice."""
        taken = 0
        for _attempt in range(50):
            with suppress(OSError, smtplib.SMTPException):
                taken += load._by_lmtp(letter)
            if taken > (letter.number % 10 == 0):
                return taken
            time.sleep(0.05)
        return taken

    with ThreadPoolExecutor(SENDERS) as pool:
        acknowledged = list(pool.map(offer, letters))
    assert all(acknowledged)
    tickets = Counter(row[0] for row in desk.rows("SELECT subject FROM tickets_ticket"))
    assert [one.subject for one in letters if tickets[one.subject] != 1] == []


def test_a_letter_of_200_mb_is_refused_for_good_however_it_comes(desk: FragileDesk) -> None:
    before = desk.rows("SELECT count(*) FROM tickets_ticket")[0][0]
    mail = desk.processes()["mail"]
    at_first = _memory(mail)
    with smtplib.LMTP("127.0.0.1", desk.mail_port, timeout=120) as client:
        client.ehlo()
        # Told before: not one byte of it travels.
        code, words = client.mail("mallory@elsewhere.example", [f"SIZE={BIG}"])
        assert code == 552
        # Not told: read to its end and not kept.
        client.mail("mallory@elsewhere.example")
        client.rcpt(SUPPORT)
        assert client.docmd("DATA")[0] == 354
        client.send(b"Subject: big\r\n\r\n")
        line = b"x" * 998 + b"\r\n"
        piece = line * 1049
        for _number in range(BIG // len(piece)):
            client.send(piece)
        client.send(b".\r\n")
        code, words = client.getreply()
        assert (code, words[:5]) == (552, b"5.3.4")
        assert client.noop()[0] == 250
    child = desk.deliver(b"Subject: big\r\n\r\n" + line * (BIG // len(line)))
    assert child.wait(120) == os.EX_UNAVAILABLE
    assert not list((desk.home / "spool").glob("*"))
    assert desk.rows("SELECT count(*) FROM tickets_ticket")[0][0] == before
    assert _memory(mail) - at_first < LIMIT * 3


def test_bombs_are_letters_like_others_and_are_not_unpacked(desk: FragileDesk) -> None:
    load = Load(desk, None, 3)
    bomb = _bomb()
    taken = [_offer(desk, raw) for raw in (_nested(400), _zip_letter(bomb), _parts(20_000))]
    assert taken == [250, 250, 250]
    # Whoever writes next is not kept waiting.
    assert load._by_lmtp(Letter(20_001, "lmtp"))
    rows = desk.rows("SELECT name, size FROM tickets_attachment WHERE name = 'bomb.zip'")
    assert rows == [("bomb.zip", len(bomb))]
    stored = sum(one.stat().st_size for one in desk.home.rglob("*") if one.is_file())
    assert stored < 200 << 20


def test_a_hundred_slow_clients_of_each_kind_do_not_stop_those_who_work(
    desk: FragileDesk,
) -> None:
    load = Load(desk, None, 4)
    assert load._by_lmtp(Letter(30_001, "lmtp"))
    number = desk.rows("SELECT max(number) FROM tickets_ticket")[0][0]
    alone = _page_times(desk, number)
    with ExitStack() as slow:
        uploads = [slow.enter_context(_slow_upload(desk)) for _ in range(SLOW)]
        readers = [slow.enter_context(_slow_reader(desk, number)) for _ in range(SLOW)]
        talkers = [slow.enter_context(_talker(desk)) for _ in range(SLOW)]
        for one in uploads:
            with suppress(OSError):
                one.send(b"x")
        for one in talkers:
            with suppress(OSError):
                one.send(b"\x81\x85aaaa" + b"junk!" * 1)
        beside = _page_times(desk, number)
        front = desk.processes()["front"]
        assert len(list(Path(f"/proc/{front}/fd").iterdir())) < 3 * SLOW + 200
        assert len(readers) == SLOW
    # A machine that is busy with other things is slow alone as well: only the ratio counts.
    assert statistics.median(beside) < statistics.median(alone) * 10 + 5.0
    assert soon(lambda: _page_times(desk, number, 1)[0] < 20, 30)


def _memory(pid: int) -> int:
    """Bytes in memory (proc(5), VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _page_times(desk: FragileDesk, number: int, times: int = 7) -> list[float]:
    found = []
    for _number in range(times):
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
        connection.request(
            "GET", f"/tickets/{number}/", headers={"Cookie": f"otklik_session={desk.session}"}
        )
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        connection.close()
        found.append(time.monotonic() - started)
    return found


def _connected(desk: FragileDesk) -> socket.socket:
    return socket.create_connection(("127.0.0.1", desk.port), timeout=60)


def _slow_upload(desk: FragileDesk) -> socket.socket:
    made = _connected(desk)
    made.sendall(
        b"POST /portal/requests/new/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20000000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    return made


def _slow_reader(desk: FragileDesk, number: int) -> socket.socket:
    made = _connected(desk)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ask = f"GET /tickets/{number}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    made.sendall(f"{ask}Cookie: otklik_session={desk.session}\r\n\r\n".encode())
    return made


def _talker(desk: FragileDesk) -> socket.socket:
    made = _connected(desk)
    made.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: {desk.url}\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: otklik_session={desk.session}\r\n\r\n".encode()
    )
    return made


def _offer(desk: FragileDesk, raw: bytes) -> int:
    with smtplib.LMTP("127.0.0.1", desk.mail_port, timeout=120) as client:
        client.ehlo()
        client.mail("mallory@elsewhere.example")
        client.rcpt(SUPPORT)
        return client.data(raw)[0]


def _nested(depth: int) -> bytes:
    head = b"From: m@elsewhere.example\r\nMIME-Version: 1.0\r\nSubject: nested\r\n"
    raw = head + b"Content-Type: text/plain\r\n\r\nthe last\r\n"
    for _level in range(depth):
        raw = head + b"Content-Type: message/rfc822\r\n\r\n" + raw
    return raw


def _parts(count: int) -> bytes:
    part = b"--q\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    head = (
        b"From: m@elsewhere.example\r\nSubject: parts\r\nContent-Type: multipart/mixed; boundary=q"
    )
    return head + b"\r\n\r\n" + part * count + b"--q--\r\n"


def _bomb() -> bytes:
    """256 MB of nothing in 256 kB."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"\0" * (256 << 20))
    return held.getvalue()


def _zip_letter(bomb: bytes) -> bytes:
    made = EmailMessage()
    made["From"] = "m@elsewhere.example"
    made["To"] = SUPPORT
    made["Subject"] = "zip"
    made.set_content("See the attachment.")
    made.add_attachment(bomb, maintype="application", subtype="zip", filename="bomb.zip")
    return made.as_bytes().replace(b"\n", b"\r\n")
