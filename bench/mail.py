"""Letters taken in: by LMTP, from a mailbox, through the pipe; and when their effects are done."""

from __future__ import annotations

import imaplib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.clients import Client, Figures, measure
from bench.letters import make_letter, send_by_lmtp
from bench.lines import EFFECTS, Line, line_of
from bench.running import Running
from bench.seed import MAILBOX
from tests.services import Missing
from tests.services.dovecot import ImapServer, dovecot

_PATIENCE = 600.0
_FETCHED = "fetched@bench.example"


def measure_mail(desk: Running, cost: Figures, *, letters: int, waiting: int) -> Iterator[Line]:
    """``letters`` by each count of senders, ``waiting`` of them in the mailbox."""
    people = max(50, desk.size // 5)
    for senders in (1, 4):
        figures = send_by_lmtp(desk.mail_port, people, times=letters, senders=senders)
        yield line_of("LMTP, acknowledged", figures, senders, cost)
    waited = wait_for_effects(desk)
    note = f"{2 * letters} letters: {waited:.2f} s"
    yield Line(EFFECTS, value=round(waited * 10_000 / (2 * letters), 1), unit="s", note=note)
    yield _fetch(desk, people, cost, waiting)
    wait_for_effects(desk)
    yield _pipe(desk, people, cost, max(10, letters // 20))


def wait_for_effects(desk: Running) -> float:
    """Seconds until no event and no job that is due waits any more."""
    started = time.monotonic()
    while _undone(desk):
        if time.monotonic() - started > _PATIENCE:
            raise RuntimeError(f"effects still wait after {_PATIENCE:.0f} s")
        time.sleep(0.1)
    return time.monotonic() - started


def _undone(desk: Running) -> int:
    now = datetime.now(UTC)
    given = now if desk.is_postgresql else now.strftime("%Y-%m-%d %H:%M:%S")
    events = "SELECT count(*) FROM events_eventrow WHERE dispatched_at IS NULL"
    jobs = "SELECT count(*) FROM jobs_job WHERE dead_at IS NULL AND run_at <= {}"
    return int(desk.ask(f"SELECT ({events}) + ({jobs})", given)[0][0])


def _fetch(desk: Running, people: int, cost: Figures, waiting: int) -> Line:
    """What the mailbox's reader makes of letters that wait on a server: by the moments at which
    they became messages, the first of them left out."""
    try:
        with dovecot() as server:
            _put(server, [make_letter(at, people, to=_FETCHED)[1] for at in range(waiting)])
            account = _add_mailbox(desk, server)
            mine = "FROM channel_email_mailboxcursor WHERE account_id = {}"
            _wait(lambda: bool(desk.ask(f"SELECT 1 {mine}", account)))
            # A new mailbox begins at its newest letter: it is put back to before the first.
            desk.change(
                "UPDATE channel_email_mailboxcursor SET last_uid = 0 WHERE account_id = {}", account
            )
            _put(server, [make_letter(waiting, people, to=_FETCHED)[1]])
            sql = "SELECT created_at FROM tickets_message WHERE account_id = {} ORDER BY id"
            _wait(lambda: len(desk.ask(sql, account)) > waiting)
            moments = [_moment(row[0]) for row in desk.ask(sql, account)]
    except Missing as missing:
        return Line("IMAP, taken in", note=f"skipped: {missing}")
    figures = Figures([later - one for one, later in itertools.pairwise(moments)])
    figures.elapsed = moments[-1] - moments[0]
    return line_of("IMAP, taken in", figures, 1, cost)


def _put(server: ImapServer, letters: list[bytes]) -> None:
    with imaplib.IMAP4(server.host, server.port) as client:
        client.login(_FETCHED, server.password)
        for letter in letters:
            client.append("INBOX", "", "", letter)


def _add_mailbox(desk: Running, server: ImapServer) -> int:
    config = {
        "imap_host": server.host,
        "imap_port": server.port,
        "imap_security": "none",
        "imap_user": _FETCHED,
        "acknowledge": False,
    }
    words = {"name": "Fetched", "address": _FETCHED, "config": config}
    answer = Client(desk.port, desk.tokens[-1]).ask(
        "POST",
        "/api/v1/mailboxes",
        json.dumps({**words, "imap_password": server.password}),
        {"Content-Type": "application/json", "Accept-Encoding": "identity"},
    )
    return int(json.loads(answer)["id"])


def _pipe(desk: Running, people: int, cost: Figures, times: int) -> Line:
    program = Path(sys.executable).with_name("otklik")
    letters = [make_letter(at, people)[1] for at in range(times + 1)]

    def make(_number: int) -> Callable[[int], object]:
        def deliver(at: int) -> None:
            done = subprocess.run(
                [str(program), "mail", "deliver", "--to", MAILBOX],
                input=letters[at],
                env=dict(desk.environment),
                capture_output=True,
                timeout=60,
            )
            if done.returncode:
                raise RuntimeError(f"the pipe ended with {done.returncode}: {done.stderr!r}")

        return deliver

    return line_of("pipe", measure(make, times=times), 1, cost)


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError("the mailbox was not read within two minutes")
        time.sleep(0.1)


def _moment(value: datetime | str) -> float:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
