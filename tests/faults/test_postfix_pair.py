"""A real Postfix before the desk and another behind it, while the desk is killed: what the first
one was given is a ticket once, what the second one got was sent once."""

from __future__ import annotations

import random
import smtplib
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default

import pytest

from tests.faults.fragile import SUPPORT, fragile_desk, soon
from tests.services import Missing
from tests.services.postfix import postfix

pytestmark = [pytest.mark.mail]

LETTERS, KILLS, SEED = 60, 6, 2611
# Minutes by default: here a letter that was put off comes again within seconds.
_SOON = {
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "2s",
    "queue_run_delay": "1s",
}


def test_a_desk_between_two_postfixes_is_killed_and_every_letter_and_answer_is_there_once() -> None:
    chance = random.Random(SEED)
    try:
        with (
            postfix() as behind,
            fragile_desk(behind.port, None) as desk,
            postfix(
                {"virtual_transport": f"lmtp:inet:127.0.0.1:{desk.mail_port}", **_SOON}
            ) as ahead,
        ):
            writer = threading.Thread(target=_write, args=(ahead.port,))
            writer.start()
            for _kill in range(KILLS):
                time.sleep(chance.uniform(0.3, 1.5))
                desk.ensure_up()
                desk.kill(chance.choice(("back", "mail", "front", "all", "supervisor")), "postfix")
            writer.join()
            desk.ensure_up()

            def subjects() -> Counter[str]:
                return Counter(row[0] for row in desk.rows("SELECT subject FROM tickets_ticket"))

            waiting = (
                "SELECT count(*) FROM outbox_delivery WHERE status IN ('queued', 'sending')"
                " UNION ALL SELECT count(*) FROM events_eventrow WHERE dispatched_at IS NULL"
            )
            assert soon(lambda: len(subjects()) == LETTERS, 180), ahead.log()[-3000:]
            assert soon(lambda: not any(row[0] for row in desk.rows(waiting)), 180)
            assert subjects() == Counter({f"Pump {at}": 1 for at in range(LETTERS)})
            caught = {pk for kill in desk.kills for pk in kill.caught}
            uncertain = desk.rows("SELECT id FROM outbox_delivery WHERE status = 'uncertain'")
            assert {row[0] for row in uncertain} <= caught
            sent = desk.rows("SELECT count(*) FROM outbox_delivery WHERE status = 'sent'")[0][0]
            assert sent + len(uncertain) == LETTERS
            assert soon(lambda: len(behind.letters()) >= sent, 90)
            answers = [message_from_bytes(raw, policy=default) for raw in behind.letters()]
            once = Counter(str(one["To"]) for one in answers)
            assert set(once.values()) == {1}
            assert sent <= len(once) <= LETTERS
    except Missing as missing:
        pytest.skip(str(missing))


def _write(port: int) -> None:
    """Each from somebody else: whoever writes often is answered less."""
    for at in range(LETTERS):
        sender = f"customer{at}@polden.example"
        letter = (
            f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: Pump {at}\r\n"
            f"Message-ID: <pair-{at}@polden.example>\r\n\r\nThe pump hums.\r\n"
        )
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.sendmail(sender, [SUPPORT], letter)
        time.sleep(0.05)
