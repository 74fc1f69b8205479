"""A query as rows of condition, operator and value, and rows as a query: the same either way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from otklik.core.access import Invalid
from otklik.core.vocabulary import Condition, Match, ValueType, find_condition, list_conditions
from otklik.core.vocabulary.language import Names, Query, spell_values, values_of
from otklik.core.vocabulary.matching import MAX_CLAUSES, Clause, canonical
from otklik.core.vocabulary.operators import Operator

GROUPS = ("all", "any")
UNITS = (("1", 1), ("60", 60), ("1440", 1440), ("10080", 10080))
_MOST_BOXES = 12


@dataclass(frozen=True, slots=True)
class FilterRow:
    """``values`` are texts as in a query, for a time span its number; ``control`` says which field
    asks: none, boxes, names, choice, yes_no, span, moment, number or text."""

    group: str
    number: int
    condition: Condition
    operator: Operator
    values: list[str] = field(default_factory=list)
    unit: str = "60"
    problem: str = ""

    @property
    def name(self) -> str:
        return f"row-{self.number}"

    @property
    def operators(self) -> tuple[Operator, ...]:
        return self.condition.operators

    @property
    def control(self) -> str:
        return control_of(self.condition, self.operator)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What boxes and a choice offer, and what is chosen though nobody offers it any more."""
        given = self.condition.choices() if self.condition.choices else ()
        offered = {str(value): str(label) for value, label in given}
        gone = {value: value for value in self.values if value not in offered}
        return list((offered | gone).items())

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


def control_of(condition: Condition, operator: Operator) -> str:
    if not operator.takes_value:
        return "none"
    if operator.is_relative:
        return "span"
    kind = condition.value_type
    if operator.is_many:
        is_short = kind in (ValueType.CHOICE, ValueType.CODES, ValueType.NUMBER)
        offered = list(condition.choices()) if condition.choices and is_short else []
        return "boxes" if 0 < len(offered) <= _MOST_BOXES else "names"
    if kind is ValueType.NUMBER:
        return "choice" if condition.choices else "number"
    controls = {ValueType.BOOLEAN: "yes_no", ValueType.MOMENT: "moment"}
    return controls.get(kind, "text")


def rows_of(match: Match) -> list[FilterRow]:
    """The rows that say a query's conditions."""
    clauses = [(group, clause) for group in GROUPS for clause in getattr(match, group)]
    return [_row(group, number, clause) for number, (group, clause) in enumerate(clauses)]


def _row(group: str, number: int, clause: Clause) -> FilterRow:
    condition, value = clause.condition, clause.value
    operator = condition.operator(clause.operator)
    control = control_of(condition, operator)
    unit = "60"
    if control == "none":
        values: list[str] = []
    elif control == "span":
        unit = str(max(size for _code, size in UNITS if value % size == 0))
        values = [str(value // int(unit))]
    elif control == "moment":
        values = [timezone.localtime(value).replace(tzinfo=None).isoformat()]
    elif control == "boxes":
        is_code = condition.value_type is not ValueType.NUMBER
        known = {code for code, _label in condition.choices()} if condition.choices else set()
        values = [f"#{one}" if is_code and one not in known else str(one) for one in value]
    elif control == "names":
        values = spell_values(condition.thing, clause)
    elif control == "yes_no":
        values = ["yes" if value else "no"]
    else:
        values = [str(value)]
    return FilterRow(group, number, condition, operator, values, unit)


def read_rows(given: QueryDict, thing: str = "ticket") -> list[FilterRow]:
    """Rows as a form has them; an operator that a changed condition does not know is its first."""
    return list(_given_rows(given, thing))


def _given_rows(given: QueryDict, thing: str) -> Iterator[FilterRow]:
    left_out = given.get("remove", "")
    for number in range(2 * MAX_CLAUSES):
        name = f"row-{number}"
        condition = find_condition(given.get(f"{name}-condition", ""))
        if condition is None or condition.thing != thing or left_out == name:
            continue
        codes = {operator.code: operator for operator in condition.operators}
        operator = codes.get(given.get(f"{name}-operator", ""), condition.operators[0])
        group = "any" if given.get(f"{name}-group") == "any" else "all"
        is_same = given.get(f"{name}-was") in ("", None, _kind(condition, operator))
        values = given.getlist(f"{name}-value")[:200] if is_same else []
        unit = given.get(f"{name}-unit", "60")
        unit = unit if unit in dict(UNITS) else "60"
        yield FilterRow(group, number, condition, operator, [v for v in values if v], unit)


def _kind(condition: Condition, operator: Operator) -> str:
    return f"{condition.name}:{control_of(condition, operator)}"


def kind_of(row: FilterRow) -> str:
    """What a value in a row belongs to: another condition's value is none of it."""
    return _kind(row.condition, row.operator)


def query_from(
    rows: list[FilterRow], words: str, thing: str = "ticket"
) -> tuple[Query, dict[int, str]]:
    """The query that finished rows say, and what is wrong with others by their number. A row
    without a value is not finished and says nothing yet."""
    groups: dict[str, list[Clause]] = {"all": [], "any": []}
    problems: dict[int, str] = {}
    names = Names(thing)
    for row in rows:
        if row.operator.takes_value and not row.values:
            continue
        try:
            value = _value(names, row)
            cleaned = row.condition.clean(row.operator.code, value)
        except Invalid as refused:
            problems[row.number] = str(refused)
            continue
        groups[row.group].append(Clause(row.condition, row.operator.code, cleaned))
    match = Match(tuple(groups["all"][:MAX_CLAUSES]), tuple(groups["any"][:MAX_CLAUSES]))
    return Query(canonical(match), words), problems


def _value(names: Names, row: FilterRow) -> Any:
    control = row.control
    if control in ("names", "boxes"):
        return list(values_of(names, row.condition, row.values))
    text = row.value.strip()
    if control == "span":
        return int(text) * int(row.unit) if text.isdecimal() and len(text) < 9 else text
    if control == "yes_no":
        return text == "yes"
    if control in ("number", "choice"):
        is_number = text.removeprefix("-").isdecimal() and len(text) < 19
        return int(text) if is_number else text
    if control == "moment":
        return _moment(text)
    return text


def _moment(text: str) -> datetime | str:
    try:
        return parse_datetime(text) or text
    except ValueError:
        return text


def conditions_by_name(thing: str = "ticket") -> list[tuple[str, str]]:
    return [(one.name, str(one.label)) for one in list_conditions(thing)]
