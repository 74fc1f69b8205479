"""Every address, asked by everybody: a GET takes no turn at the write gate, changes no row and
never ends in a server error. New addresses are found by themselves; a new kind of argument wants
its value in ``World``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.core.db import briefly
from otklik.core.db.gate import WriteGate
from otklik.people.models import Person
from otklik.people.tests.factories import make_customer, make_team
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.world import World, addresses_of, world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

__all__ = ["world"]
# A desk that has its administrator is not set up again.
_CLOSED = {"setup/<str:token>/", "setup/mailbox/"}
_WAYS: list[dict[str, str]] = [{}, {"HX-Request": "true"}]
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|BEGIN|SAVEPOINT|REPLACE)\b|.*\bFOR UPDATE\b", re.S)


class Spy:
    """Notes every statement that writes and every turn at the gate."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.noted: list[str] = []
        enter = WriteGate.enter

        def noting(gate: WriteGate) -> None:
            self.noted.append("the write gate")
            enter(gate)

        monkeypatch.setattr(WriteGate, "enter", noting)

    def __call__(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        if _WRITES.match(str(sql)):
            self.noted.append(str(sql)[:120])
        return execute(sql, *rest)


def test_a_get_writes_nothing_and_never_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy, wrong, found = Spy(monkeypatch), [], set()
    addresses = list(addresses_of(world))
    with connection.execute_wrapper(spy):
        make_team("Second")
        assert spy.noted  # it would see one
        spy.noted.clear()
        for who, client in world.readers.items():
            for route, address in addresses:
                if route.startswith("api/") and who not in ("a program", "mallory"):
                    continue
                for headers in _WAYS if who == "marina" else _WAYS[:1]:
                    answer = client.get(address, headers=headers)
                    if answer.status_code >= 500:
                        wrong.append(f"{who}: GET {address} → {answer.status_code}")
                    if spy.noted:
                        wrong.append(f"{who}: GET {address} wrote: {spy.noted[0]}")
                        spy.noted.clear()
                    if answer.status_code != 404:
                        found.add(route)
                    answer.close()
    assert len(addresses) > 100
    assert not wrong, "\n".join(wrong)
    missed = [route for route, _ in addresses if route not in found | _CLOSED]
    assert not missed, f"nobody found: {missed}; say in World what is there"


@pytest.mark.parametrize(("page", "most"), [("inbox", 12), ("ticket", 34)])
def test_a_page_costs_as_many_queries_for_many_rows_as_for_few(
    world: World, page: str, most: int
) -> None:
    olga = Person.objects.get(pk=world.values["person_id"])
    ticket = make_ticket(olga, "The longest talk")
    url = {"inbox": "/tickets/?list=all", "ticket": f"/tickets/{ticket.number}/"}[page]

    def cost() -> int:
        briefly.forget()  # what is believed for a moment may end between the two
        with CaptureQueriesContext(connection) as captured:
            shown = world.readers["marina"].get(url)
        assert "The longest talk" in shown.content.decode()
        return len(captured)

    make_ticket(olga, "Another")
    customer_writes(ticket, "Any news?")
    few = cost()
    for number in range(12):
        make_ticket(make_customer(f"Customer {number}"), f"Number {number}")
        customer_writes(ticket, f"And now? {number}")
    assert cost() <= few <= most
