"""Every field as a condition of `core.vocabulary`, ``field.<key>``: lists, rules and the fields'
own conditions ask it in SQL and in memory alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db.briefly import briefly
from otklik.core.fields.kinds import MAX_ID, MAX_NUMBER, moment_of, scaled
from otklik.core.fields.models import REFERENCES, Field, FieldKind, IndexRow
from otklik.core.fields.owners import find_owner, ids_that_are_one, present_ids
from otklik.core.fields.queries import find_field, list_fields
from otklik.core.vocabulary import Condition, ValueType
from otklik.core.vocabulary.conditions import register_finder
from otklik.core.vocabulary.operators import Place
from otklik.kit.text import clean_line, sort_key

PREFIX = "field."
_TYPES = {
    FieldKind.TEXT: (ValueType.TEXT, "text"),
    FieldKind.NUMBER: (ValueType.NUMBER, "number"),
    FieldKind.CHOICE: (ValueType.CHOICE, "text"),
    FieldKind.MULTI: (ValueType.CODES, "text"),
    FieldKind.DATE: (ValueType.MOMENT, "moment"),
    FieldKind.PERSON: (ValueType.REFERENCE, "reference"),
    FieldKind.ORGANISATION: (ValueType.REFERENCE, "reference"),
}
# An operator that says the opposite of another one; an object without a row has no value.
_OPPOSITE = {
    "is_not": "is",
    "contains_not": "contains",
    "not_in": "in",
    "has_none": "has_any",
    "is_empty": "is_filled",
}


@dataclass(frozen=True, slots=True)
class FieldCondition(Condition):
    """Asked of the rows that index the field, each object by its id."""

    field: Field | None = None
    of: str = ""

    @property
    def thing(self) -> str:
        return self.of

    def clean(self, code: str, value: Any) -> Any:
        if self.value_type is ValueType.NUMBER and self.operator(code).takes_value:
            return self._numbers(code, value)
        return Condition.clean(self, code, value)

    def q(
        self,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> Q:
        self.operator(code)
        if code in _OPPOSITE:
            return ~self.q(_OPPOSITE[code], value, now=now, actor=actor)
        asked = self._meant(self.clean(code, value), actor)
        if code == "is_filled":
            return self._holds(Q())
        if code in ("in", "has_any"):
            found = self._holds(Q(**{f"{self.path}__in": self._stored(asked - {None})}))
            return found | ~self._holds(Q()) if None in asked else found
        if code == "has_all":
            every = Q()
            for one in sorted(asked):
                every &= self._holds(Q(**{self.path: one}))
            return every
        place = Place(self.path, IndexRow._meta.label)
        operator = self.operator(code)
        return self._holds(operator.sql(place, self._compared(asked), now or timezone.now()))

    def test(
        self,
        obj: Any,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> bool:
        operator = self.operator(code)
        asked = self._compared(self._meant(self.clean(code, value), actor))
        mine = self.read(obj)
        if self._points and mine is not None and code not in ("is_filled", "is_empty"):
            mine, asked = self._present(mine), self._present(asked)
        return operator.memory(mine, asked, now or timezone.now())

    @property
    def _points(self) -> bool:
        return self.field is not None and self.field.kind in REFERENCES

    def _stored(self, asked: Iterable[Any]) -> Any:
        """What rows may hold of these: of people, also those who became one with them."""
        if self._points and self.field is not None:
            return ids_that_are_one(self.field.kind, asked)
        return self._compared(frozenset(asked))

    def _present(self, value: Any) -> Any:
        assert self.field is not None
        ids = value if isinstance(value, frozenset) else [value]
        known = present_ids(self.field.kind, [pk for pk in ids if isinstance(pk, int)])
        if isinstance(value, frozenset):
            return frozenset(known.get(pk, pk) for pk in value)
        return known.get(value, value)

    def _holds(self, asked: Q) -> Q:
        rows = IndexRow.objects.filter(asked, field=self.field, owner_id=OuterRef("pk"))
        return Q(Exists(rows))

    def _compared(self, value: Any) -> Any:
        """Numbers in the smallest step of the field, as they are indexed."""
        if self.value_type is not ValueType.NUMBER or value is None or self.field is None:
            return value
        if isinstance(value, frozenset):
            return frozenset(each if each is None else scaled(self.field, each) for each in value)
        return scaled(self.field, value)

    def _numbers(self, code: str, value: Any) -> Any:
        if not self.operator(code).is_many:
            return _number(value)
        given = value if isinstance(value, list | tuple | set | frozenset) else [value]
        if not 1 <= len(given) <= 200:
            raise Invalid(_("Choose at least one, and not more than 200."))
        return frozenset(_number(each) for each in given)


def wire() -> None:
    register_finder(PREFIX, find, conditions_of)


def find(name: str) -> Condition | None:
    field = find_field(name.removeprefix(PREFIX))
    return _condition(field) if field is not None and field.is_filterable else None


@briefly
def conditions_of(thing: str) -> list[Condition]:
    fields = list_fields(thing)
    return [_condition(field) for field in fields if field.is_filterable]


def _condition(field: Field) -> FieldCondition:
    kind = FieldKind(field.kind)
    value_type, column = _TYPES[kind]
    owner = find_owner(field.thing)

    def choices() -> list[tuple[Any, str]]:
        language = (get_language() or "").partition("-")[0]
        return field.option_choices(language, inactive=True)

    is_chosen = kind in (FieldKind.CHOICE, FieldKind.MULTI)
    russian = sort_key(field.label("ru")).replace(" ", "_")
    return FieldCondition(
        name=f"{PREFIX}{field.key}",
        label=lazy(field.label_now, str)(),
        value_type=value_type,
        model=owner.model if owner else "",
        path=column,
        read=_reader(field),
        choices=choices if is_chosen else None,
        normalise=sort_key if kind == FieldKind.TEXT else clean_line,
        hint=lazy(field.hint_now, str)(),
        names=(field.key, *([russian] if russian and russian != field.key else [])),
        field=field,
        of=field.thing,
    )


def _reader(field: Field) -> Callable[[Any], Any]:
    key, kind = field.key, FieldKind(field.kind)

    def read(obj: Any) -> Any:
        value = (obj.custom or {}).get(key)
        if kind == FieldKind.MULTI:
            return frozenset(value or ())
        if value is None:
            return None
        if kind == FieldKind.TEXT:
            return sort_key(value) or None
        if kind == FieldKind.NUMBER:
            return scaled(field, value)
        if kind == FieldKind.DATE:
            return moment_of(value)
        return int(value) if kind in REFERENCES else value

    return read


def _number(value: Any) -> int | float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value != value or abs(value) > min(MAX_NUMBER * 1000, MAX_ID):
        raise Invalid(_("Say a number."))
    return int(value) if value == int(value) else float(value)
