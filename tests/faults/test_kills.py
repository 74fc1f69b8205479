"""`kill -9` at every named point of taking in and sending, then every message is accounted for.

A bounded run; `make faults` kills more than a hundred times, at random moments too.
"""

from __future__ import annotations

import pytest

from tests.faults import kills
from tests.services.dovecot import ImapServer

pytestmark = [pytest.mark.mail]

STEPS: list[kills.Step] = [
    ("back", "sink", "dot_kept"),
    ("mail", "lmtp", "dot"),
    ("front", "web", "sent"),
    ("back", "sink", "dot_lost"),
    ("mail", "lmtp", "data"),
    ("front", "web", "half"),
    ("all", "sink", "accepted"),
    ("back", "sink", "data"),
    ("mail", "lmtp", "answer"),
    ("back", "sink", "rcpt"),
    ("front", "", ""),
    ("supervisor", "", ""),
]


def test_a_desk_that_is_killed_loses_no_message_and_makes_no_second_one(
    imap_server: ImapServer,
) -> None:
    account, left = kills.run(STEPS, imap_server, seed=20261122)
    print(account)
    assert account.problems == []
    # An agent looked at what was uncertain and decided; now every reply was taken exactly once.
    assert left == []
    shown = dict(account.lines)
    assert shown["kills"].startswith(f"{len(STEPS)}:")
    assert int(shown["letters offered"].partition(":")[0]) > 20
