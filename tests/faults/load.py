"""Those who use the desk while it is killed: mail servers that try again, agents who answer."""

from __future__ import annotations

import http.client
import random
import smtplib
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlencode

from tests.faults.fragile import FETCHED, SUPPORT, FragileDesk
from tests.services.dovecot import ImapServer

LMTP_POINTS = ("rcpt", "data", "dot", "answer")
WEB_POINTS = ("half", "sent")


@dataclass
class Letter:
    """``is_once``: its server gives up at the first failure, so that it may come in or not."""

    number: int
    way: str
    is_once: bool = False
    offered: int = 0
    is_acknowledged: bool = False

    @property
    def subject(self) -> str:
        return f"letter-{self.number:06d}"

    @property
    def sender(self) -> str:
        return f"c{self.number}@customers.example"


@dataclass
class Reply:
    number: int
    ticket: int
    to: str
    offered: int = 0
    is_written: bool = False
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def mark(self) -> str:
        return f"reply-{self.number:06d}"


class Load:
    """All of them, each in a thread, until ``end``; what they did: ``letters`` and ``replies``."""

    def __init__(self, desk: FragileDesk, imap: ImapServer | None, seed: int) -> None:
        self.desk = desk
        self.letters: list[Letter] = []
        self.replies: list[Reply] = []
        self.pipes_killed = 0
        self.broken: list[str] = []
        self._imap = imap
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._is_ending = threading.Event()
        self._must_end = threading.Event()
        self._armed: tuple[str, str, Callable[[], bool]] | None = None
        self.fired = threading.Event()
        self._answered: set[int] = set()
        kinds = [self._lmtp, self._pipe, self._agent, self._agent, self._agent]
        kinds += [self._put] if imap is not None else []
        self._threads = [threading.Thread(target=self._guard, args=(run,)) for run in kinds]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self, seconds: float) -> None:
        """Offer nothing new; what is offered already is offered until it is taken."""
        self._is_ending.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.1, until - time.monotonic()))
        self._must_end.set()
        for thread in self._threads:
            thread.join(30)
        if any(thread.is_alive() for thread in self._threads):
            self.broken.append("a sender did not end")

    def arm(self, way: str, point: str, act: Callable[[], bool]) -> None:
        with self._lock:
            self._armed = (way, point, act)
            self.fired.clear()

    def disarm(self) -> None:
        """Nothing happens any more; waits for what has begun."""
        with self._lock:
            was_armed, self._armed = self._armed is not None, None
        if not was_armed:
            self.fired.wait(60)

    def _reach(self, way: str, point: str) -> None:
        with self._lock:
            if self._armed is None or self._armed[:2] != (way, point):
                return
            act, self._armed = self._armed[2], None
        act()
        self.fired.set()

    def _guard(self, run: Callable[[], None]) -> None:
        try:
            run()
        except Exception as error:
            self.broken.append(f"{run.__name__}: {type(error).__name__}: {error}")

    def _new(self, way: str) -> Letter:
        with self._lock:
            is_once = way != "imap" and self._random.random() < 0.15
            letter = Letter(len(self.letters) + 1, way, is_once)
            self.letters.append(letter)
            return letter

    def _offer(self, letter: Letter, attempt: Callable[[Letter], bool]) -> None:
        while not letter.is_acknowledged and not self._must_end.is_set():
            letter.offered += 1
            with suppress(OSError, smtplib.SMTPException):
                letter.is_acknowledged = attempt(letter)
            if letter.is_once:
                return
            time.sleep(0.02 if letter.is_acknowledged else 0.15)

    def _lmtp(self) -> None:
        while not self._is_ending.is_set():
            self._offer(self._new("lmtp"), self._by_lmtp)

    def _by_lmtp(self, letter: Letter) -> bool:
        raw = written(letter)
        with smtplib.LMTP("127.0.0.1", self.desk.mail_port, timeout=60) as client:
            client.lhlo() if hasattr(client, "lhlo") else client.ehlo()
            if client.mail(letter.sender)[0] != 250 or client.rcpt(SUPPORT)[0] != 250:
                return False
            self._reach("lmtp", "rcpt")
            if client.docmd("DATA")[0] != 354:
                return False
            client.send(raw[: len(raw) // 2])
            self._reach("lmtp", "data")
            client.send(raw[len(raw) // 2 :] + b".\r\n")
            self._reach("lmtp", "dot")
            code, _words = client.getreply()
            self._reach("lmtp", "answer")
            return code == 250

    def _pipe(self) -> None:
        while not self._is_ending.is_set():
            self._offer(self._new("pipe"), self._by_pipe)
            time.sleep(0.6)

    def _by_pipe(self, letter: Letter) -> bool:
        child = self.desk.deliver(written(letter))
        if self._random.random() < 0.15:
            with suppress(subprocess.TimeoutExpired):
                child.wait(self._random.uniform(0.0, 0.3))
            if child.poll() is None:
                self.pipes_killed += 1
                child.kill()
        return child.wait(90) == 0

    def _put(self) -> None:
        assert self._imap is not None
        while not self._is_ending.is_set():
            letter = self._new("imap")
            letter.offered = 1
            # What lies in the mailbox is the desk's to fetch.
            self._imap.put(FETCHED, written(letter))
            letter.is_acknowledged = True
            time.sleep(1.0)

    def _agent(self) -> None:
        """Answers every letter once, as the page does: the same form again until it is taken."""
        while not self._is_ending.is_set():
            rows = self.desk.rows("SELECT number, subject FROM tickets_ticket ORDER BY id DESC")
            for ticket, subject in rows:
                if self._is_ending.is_set():
                    break
                sender = f"c{int(subject.rpartition('-')[2])}@customers.example"
                with self._lock:
                    if ticket in self._answered:
                        continue
                    self._answered.add(ticket)
                    reply = Reply(len(self.replies) + 1, ticket, sender)
                    self.replies.append(reply)
                while not reply.is_written and not self._must_end.is_set():
                    reply.offered += 1
                    with suppress(OSError, http.client.HTTPException):
                        reply.is_written = self._answer(reply)
                    time.sleep(0.02 if reply.is_written else 0.15)
            time.sleep(0.05)

    def _answer(self, reply: Reply) -> bool:
        form = {"kind": "public", "html": f"{reply.mark}: it is seen to.", "client_key": reply.key}
        path = f"/tickets/{reply.ticket}/messages/"
        return self.post(path, {**form, "to": reply.to}, is_watched=True) in (200, 302)

    def post(self, path: str, form: dict[str, str], *, is_watched: bool = False) -> int:
        """Send a form of the agent's; the status of the answer."""
        csrf = "c" * 32
        body = urlencode({**form, "csrfmiddlewaretoken": csrf}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.desk.port, timeout=60)
        try:
            connection.putrequest("POST", path)
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
            connection.putheader("Content-Length", str(len(body)))
            cookies = f"otklik_session={self.desk.session}; otklik_csrf={csrf}"
            connection.putheader("Cookie", cookies)
            connection.putheader("Connection", "close")
            connection.endheaders()
            connection.send(body[: len(body) // 2])
            if is_watched:
                self._reach("web", "half")
            connection.send(body[len(body) // 2 :])
            if is_watched:
                self._reach("web", "sent")
            return connection.getresponse().status
        finally:
            connection.close()


def written(letter: Letter) -> bytes:
    made = EmailMessage()
    made["From"] = f"Customer {letter.number} <{letter.sender}>"
    made["To"] = FETCHED if letter.way == "imap" else SUPPORT
    made["Subject"] = letter.subject
    made["Date"] = "Sun, 22 Nov 2026 10:00:00 +0300"
    made["Message-ID"] = f"<{letter.subject}@customers.example>"
    made.set_content(f"Вода холодная, ошибка E-07. Письмо {letter.number}.")
    if letter.number % 7 == 0:
        picture = bytes(random.Random(letter.number).randbytes(150_000))
        made.add_attachment(picture, maintype="image", subtype="png", filename="экран.png")
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
