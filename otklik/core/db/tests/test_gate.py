"""Writers on SQLite take turns, and nobody who is gone keeps the others out."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from otklik.core.db import write
from otklik.core.db.gate import WriteGate
from tests.services import PATIENCE


def is_free() -> bool:
    """Whether another connection could write at once."""
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    gate = WriteGate(Path(str(connection.settings_dict["NAME"])))

    def take_a_turn() -> None:
        gate.enter()
        gate.leave()

    entered = threading.Thread(target=take_a_turn, daemon=True)
    entered.start()
    entered.join(PATIENCE)
    return not entered.is_alive()


def _lose_connection() -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_waiting_writers_are_served_in_turn(tmp_path: Path) -> None:
    """A busy writer that comes back at once does not overtake the one who waits."""
    order: list[str] = []
    stop = threading.Event()

    def busy() -> None:
        gate = WriteGate(tmp_path / "db")
        while not stop.is_set():
            gate.enter()
            order.append("busy")
            time.sleep(0.01)
            gate.leave()

    thread = threading.Thread(target=busy)
    thread.start()
    mine = WriteGate(tmp_path / "db")
    try:
        time.sleep(0.05)
        waited = []
        for _ in range(10):
            before = len(order)
            mine.enter()
            waited.append(len(order) - before)
            mine.leave()
    finally:
        stop.set()
        thread.join()
    assert sorted(waited)[5] <= 2  # turns of the busy one that each of mine waited for
    assert order


@pytest.mark.django_db(transaction=True)
def test_the_gate_is_left_when_a_transaction_ends_however_it_ends() -> None:
    if connection.vendor != "sqlite":
        return
    with write():
        assert not is_free()
    assert is_free()
    with pytest.raises(ZeroDivisionError), write():
        raise ZeroDivisionError
    assert is_free()
    with pytest.raises(DatabaseError), write():
        _lose_connection()
    assert is_free()
    with write():
        assert not is_free()
