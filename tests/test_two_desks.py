"""Two desks that answer each other: they stop, however little their letters say of themselves."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.services.second_desk import Desk, second_desk

pytestmark = pytest.mark.mail


def stripped(raw: bytes, sender: str, to: str, number: int) -> bytes:
    """What a careless help desk would have sent: new subject, new id, no word of being one."""
    letter = message_from_bytes(raw, policy=default)
    body = letter.get_body(("plain",))
    assert body is not None
    plain = EmailMessage()
    plain["From"], plain["To"] = sender, to
    plain["Subject"] = f"We have got your letter no. {number}"
    plain["Message-ID"] = f"<answer{number}@{sender.partition('@')[2]}>"
    plain.set_content(f"{number}: thank you. {body.get_content()[:40]}")
    return plain.as_bytes()


def talk(first: Desk, second: Desk, *, is_stripped: bool, most: int = 60) -> int:
    """How many letters go to and fro after one of ``second``'s, until nobody answers."""
    opening = EmailMessage()
    opening["From"], opening["To"], opening["Subject"] = second.address, first.address, "Hello"
    opening["Message-ID"] = f"<start{is_stripped}@elsewhere.example>"
    opening.set_content("Is anybody there?")
    waiting = [(first, second, opening.as_bytes())]
    count = 0
    while waiting and count < most:
        here, there, raw = waiting.pop(0)
        count += 1
        for answer in here.take(raw, sender=there.address):
            sent = answer
            if is_stripped:
                sent = stripped(answer, here.address, there.address, count)
            waiting.append((there, here, sent))
    return count


def test_two_desks_stop_after_a_few_letters_even_when_they_hide_what_they_are(
    tmp_path: Path,
) -> None:
    with (
        second_desk("help@a.example", tmp_path / "a") as first,
        second_desk("help@b.example", tmp_path / "b") as second,
    ):
        # As they are: the first answer says that a machine wrote it, and is not answered.
        assert talk(first, second, is_stripped=False) == 2
        # Stripped of everything: each writes at most five letters an hour to the other.
        assert talk(first, second, is_stripped=True) <= 12
        # And nothing starts them again at once.
        assert talk(first, second, is_stripped=True) <= 2
