from typing import Any

import pytest

from otklik.core.access import Actor, ActorKind, Forbidden
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.jobs.models import Schedule
from otklik.core.operations import register_undo
from otklik.core.operations.actions import begin, journal, undo_operation
from otklik.core.operations.errors import ChangedSince, NotReversible
from otklik.core.operations.models import Operation
from otklik.core.operations.queries import list_operations
from otklik.core.outbox.models import Delivery

pytestmark = [pytest.mark.data, pytest.mark.django_db]
MARINA = Actor(kind=ActorKind.AGENT, id=1)
ILYA = Actor(kind=ActorKind.AGENT, id=2)
DASHA = Actor(kind=ActorKind.AGENT, id=3, permissions=frozenset({"operations.undo"}))


def restore(actor: Actor, object_id: int, field: str, value: Any) -> None:
    Schedule.objects.filter(pk=object_id).update(**{field: value})


@pytest.fixture(autouse=True)
def schedules_go_back() -> None:
    register_undo("jobs.Schedule", restore)


@pytest.fixture
def rows() -> list[Schedule]:
    at = "2026-03-01T10:00:00Z"
    return [Schedule.objects.create(name=f"s{n}", rule="old", next_run_at=at) for n in range(3)]


def rewrite(actor: Actor, rows: list[Schedule], *rules: str) -> Operation:
    with write():
        operation = begin(actor, "schedules.rewritten", count=len(rows))
        for row in rows:
            for rule in rules:
                journal(operation, row, "rule", row.rule, rule)
                row.rule = rule
                row.save()
    return operation


def rules() -> list[str]:
    return list(Schedule.objects.order_by("pk").values_list("rule", flat=True))


def test_everything_goes_back_through_all_its_steps_and_only_once(rows: list[Schedule]) -> None:
    operation = rewrite(MARINA, rows, "middle", "new")
    assert rules() == ["new"] * 3
    undone = undo_operation(MARINA, operation)
    assert rules() == ["old"] * 3
    assert (undone.undone_by, undone.undone_at is not None) == (1, True)
    Schedule.objects.update(rule="later")
    assert undo_operation(MARINA, operation).undone_at == undone.undone_at
    assert rules() == ["later"] * 3
    row = EventRow.objects.get(name="operation.undone")
    assert (row.operation_id, row.data["changes"]) == (operation.pk, 6)


def test_what_was_changed_since_is_named_and_nothing_is_undone(rows: list[Schedule]) -> None:
    operation = rewrite(MARINA, rows, "new")
    Schedule.objects.filter(pk=rows[1].pk).update(rule="somebody else's")
    rows[2].delete()
    with pytest.raises(ChangedSince) as refused:
        undo_operation(MARINA, operation)
    found = [(clash.found, clash.is_missing) for clash in refused.value.clashes]
    assert found == [("somebody else's", False), (None, True)]
    assert "2 things" in str(refused.value)
    assert rules() == ["new", "somebody else's"]
    assert Operation.objects.get().undone_at is None


def test_one_undoes_ones_own_and_an_administrator_anybodys(rows: list[Schedule]) -> None:
    operation = rewrite(MARINA, rows, "new")
    assert list(list_operations(ILYA)) == []
    with pytest.raises(Forbidden):
        undo_operation(ILYA, operation)
    assert list(list_operations(MARINA)) == [operation]
    assert list(list_operations(DASHA)) == [operation]
    undo_operation(DASHA, operation)
    assert rules() == ["old"] * 3


def test_a_room_that_is_gone_leaves_its_changes_as_they_are(rows: list[Schedule]) -> None:
    delivery = Delivery(pk=5)
    with write():
        operation = begin(MARINA, "deliveries.moved")
        assert journal(operation, delivery, "status", "sent", "sent") is None
        journal(operation, delivery, "status", "sent", "failed")
    with pytest.raises(NotReversible):
        undo_operation(MARINA, operation)
