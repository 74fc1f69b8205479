"""For the tests of rooms that bring conditions: do the faces of a condition agree?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from otklik.core.access import Invalid
from otklik.core.vocabulary.conditions import Condition
from otklik.core.vocabulary.operators import Operator, ValueType

AWKWARD = ("%", "_", "'", "\\", "a", "A", "я", "Я", "ё", "💛", "]", "nothing like it")


def assert_faces_agree(
    condition: Condition,
    rows: QuerySet[Any],
    *,
    values: Iterable[Any] = (),
    now: datetime | None = None,
) -> int:
    """Ask everything of every row, in SQL and in memory; raises AssertionError at the first
    difference. Returns how many questions were asked.

    Values are made from those the rows have (themselves, parts, neighbours), from awkward ones
    and from ``values``. Give rows with null, empty, equal and different values.
    """
    now = now or timezone.now()
    objects = list(rows)
    asked = 0
    for operator in condition.operators:
        assert (condition.form_field(operator.code) is not None) == operator.takes_value
        for value in _questions(condition, operator, objects, values, now):
            try:
                asked_q = condition.q(operator.code, value, now=now)
            except Invalid:
                continue
            in_sql = sorted(rows.filter(asked_q).values_list("pk", flat=True))
            in_memory = sorted(
                each.pk for each in objects if condition.test(each, operator.code, value, now=now)
            )
            assert in_sql == in_memory, (
                f"{condition.name} {operator.code} {value!r}: SQL {in_sql}, memory {in_memory}"
            )
            asked += 1
    return asked


def _questions(
    condition: Condition,
    operator: Operator,
    objects: Sequence[Any],
    more: Iterable[Any],
    now: datetime,
) -> list[Any]:
    if not operator.takes_value:
        return [None]
    found = [value for each in objects if (value := condition.read(each)) is not None]
    kind = condition.value_type
    if operator.is_relative:
        return [*_minutes(found, now), *more]
    if operator.is_many and kind is ValueType.NUMBER:
        return [[n] for n in {0, *found}] + [[*found, 7]]
    if kind is ValueType.BOOLEAN:
        return [True, False]
    if kind is ValueType.TEXT:
        return [*_texts(found), *AWKWARD, *more]
    if kind is ValueType.NUMBER:
        return [n + step for n in {0, *found} for step in (-1, 0, 1)] + list(more)
    if kind is ValueType.MOMENT:
        step = timedelta(microseconds=1)
        return [each + shift for each in found for shift in (-step, step * 0, step)] + list(more)
    if kind in (ValueType.CODES, ValueType.REFERENCES):
        found = sorted({one for several in found for one in several})
    absent: list[Any] = [-5] if kind in (ValueType.REFERENCE, ValueType.REFERENCES) else ["absent"]
    if kind is ValueType.REFERENCE:
        found = [*found, None]
    singles: list[list[Any]] = [[one] for one in dict.fromkeys([*found, *absent])]
    pairs = [[*one, *two] for one, two in pairwise(singles)]
    return [*singles, *pairs, *more]


def _texts(found: Iterable[str]) -> list[str]:
    made: dict[str, None] = {}
    for text in found:
        for each in (text, text[:3], text[1:4], text[-3:], text.upper(), text.lower(), text + "x"):
            made[each] = None
    return list(made)


def _minutes(found: Iterable[datetime], now: datetime) -> list[int]:
    made = {1, 60, 24 * 60}
    for moment in found:
        minutes = int((now - moment).total_seconds() // 60)
        made |= {minutes - 1, minutes, minutes + 1}
    return sorted(each for each in made if each > 0)
