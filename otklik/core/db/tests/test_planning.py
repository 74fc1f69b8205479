"""PostgreSQL keeps the plan of a statement that is asked again, but for those planned anew."""

from __future__ import annotations

import pytest
from django.db import connection

from otklik.core.db.planning import planned_anew

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def kept(part: str) -> int:
    """How many statements like this the connection's plans are kept of."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE position(%s::text IN statement) > 0",
            [part],
        )
        found: int = cursor.fetchone()[0]
    return found


def ask(name: str, times: int = 12) -> None:
    for number in range(times):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT %s AS {name}", [number])
            assert int(cursor.fetchone()[0]) == number


def test_a_statement_inside_is_planned_for_its_own_values_every_time():
    is_kept = int(connection.vendor == "postgresql")
    with planned_anew():
        ask("planned_for_itself")
    with pytest.raises(ZeroDivisionError), planned_anew():
        raise ZeroDivisionError
    ask("planned_once")
    assert kept("AS planned_for_itself") == 0
    assert kept("AS planned_once") == is_kept
