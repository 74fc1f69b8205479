from __future__ import annotations

import fcntl
import os
import random
import re
import subprocess
from pathlib import Path

import pytest

from otklik.project.tests.homes import PROGRAM, Home, furnished, new_database

# More of them when asked: KILLS=100 pytest …
_KILLS = int(os.environ.get("KILLS", "3"))
_ODD = """
import django; django.setup()
from otklik.core.db import write
from otklik.tickets.models import MessageBody
body = MessageBody.objects.order_by("pk").first()
body.text = "before\\0after 🙂"
body.addresses = {"z": 1, "a": ["\\0", 1e2, 0.1, None, True], "half": "\\ud83d"}
with write():
    body.save()
"""


@pytest.fixture
def desk(tmp_path: Path) -> Home:
    return furnished(tmp_path / "desk")


def test_a_desk_goes_to_postgresql_and_back_with_every_id_and_value(
    desk: Home, tmp_path: Path, postgres_server: str
) -> None:
    desk.python(_ODD)
    tickets = "SELECT id, number, subject, version FROM tickets_ticket ORDER BY id"
    before, counts = desk.sql(tickets), desk.count_all()
    url = new_database(postgres_server)
    said = desk.otklik("move", "--to", url)
    assert "every table counted and compared" in said
    assert "tickets_messagebody: 1 rows held characters that PostgreSQL cannot store" in said
    there = desk.on(url)
    assert there.sql(tickets) == before
    assert there.count_all() == counts
    assert there.sql("SELECT text FROM tickets_messagebody ORDER BY message_id LIMIT 1") == [
        ("before\N{REPLACEMENT CHARACTER}after 🙂",)
    ]
    assert there.sql(
        "SELECT addresses->'a'->1, addresses->'a'->3, addresses->'z'"
        " FROM tickets_messagebody ORDER BY message_id LIMIT 1"
    ) == [(100, None, 1)]
    # What was left does not start again by accident; foreign keys stand; ids go on.
    assert "was moved to" in desk.otklik("worker", fails=True)
    assert there.sql("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")[0][0] > 50
    found = there.python(
        "import django; django.setup()\n"
        "from otklik.core.search import find\n"
        "from otklik.people.models import Person\n"
        "from otklik.tickets.tests.factories import make_ticket\n"
        "print(len(find('ticket', 'кофемашина 7', scopes=['staff'])), end=' ')\n"
        "ticket = make_ticket(Person.objects.get(name='Olga Nesterova'))\n"
        "print(ticket.pk, ticket.number)"
    )
    number = before[-1][1] + 1
    assert found.split() == ["1", str(before[-1][0] + 1), str(number)]
    back = "sqlite:///back.sqlite3"
    there.otklik("move", "--to", back)
    again = there.on(back)
    assert again.sql(tickets)[:-1] == before
    assert again.sql("SELECT max(number) FROM tickets_ticket") == [(number,)]
    assert again.sql("PRAGMA integrity_check") == [("ok",)]
    assert again.sql("PRAGMA foreign_key_check") == []
    assert "1" in again.python(
        "import django; django.setup()\n"
        "from otklik.core.search import find\n"
        "print(len(find('ticket', 'кофемашина 7', scopes=['staff'])))"
    )


def test_a_move_killed_at_any_moment_goes_on_where_it_was(desk: Home, postgres_server: str) -> None:
    url = new_database(postgres_server)
    tickets = "SELECT id, number, subject, version FROM tickets_ticket ORDER BY id"
    before, counts = desk.sql(tickets), desk.count_all()
    chance = random.Random(7)
    kills = 0
    while kills < _KILLS:
        child = subprocess.Popen(
            [*PROGRAM, "move", "--to", url],
            env=desk.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            child.wait(chance.uniform(1.0, 5.0))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            kills += 1
        else:
            break
    if "is where the desk is already" not in (said := _end(desk, url)):
        assert re.search(r"Moved|was moved", said)
    there = desk.on(url)
    assert there.sql(tickets) == before
    assert there.count_all() == counts
    assert there.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'otklik_standing'") == [(0,)]
    assert "was moved to" in desk.otklik("worker", fails=True)


def _end(desk: Home, url: str) -> str:
    done = subprocess.run(
        [*PROGRAM, "move", "--to", url], env=desk.environment, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_a_move_is_refused_where_rows_could_be_lost_and_can_be_taken_back(
    desk: Home, tmp_path: Path, postgres_server: str
) -> None:
    url = new_database(postgres_server)
    assert "where the desk is already" in desk.otklik(
        "move", "--to", "sqlite:///otklik.sqlite3", fails=True
    )
    with (desk.path / "run" / "up.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "is running" in desk.otklik("move", "--to", url, fails=True)
    other = Home(tmp_path / "other").on(url)
    other.otklik("init")
    assert "not empty" in desk.otklik("move", "--to", url, fails=True)
    assert desk.sql("SELECT name FROM sqlite_master WHERE name = 'otklik_standing'") == []
    # The address by the standard input: it stands in no list of processes.
    told = subprocess.run(
        [*PROGRAM, "move", "--to", "-"],
        env=desk.environment,
        input="sqlite:///new.sqlite3\n",
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert "was moved to" in desk.otklik("migrate", fails=True)
    assert "works on" in desk.otklik("move", "--take-back")
    desk.otklik("migrate")
