"""Questions asked on every message and page, spelt once.

The ORM takes longer to spell such a statement than a database to answer it. Here a query set is
compiled the first time; after that only the arguments are put in, and rows are built by the ORM as
ever: related rows, annotations, values and prefetching included.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, prefetch_related_objects
from django.db.models.fields.related_descriptors import ReverseManyToOneDescriptor
from django.db.models.query import (  # type: ignore[attr-defined]
    FlatValuesListIterable,
    ModelIterable,
    get_related_populators,
)

from otklik.core.db.making import quick, quicken

P = ParamSpec("P")
R = TypeVar("R")

_TOGETHER = 100  # rows whose prefetched ones are asked by a statement of that many places
_STEP = 18  # tuples grow by so many at a time, so that there are few statements
_MOST = 300  # statements of one question: a desk's agents, each with rights of their own


def spelt_once(ask: Callable[P, Iterable[R]]) -> Callable[P, list[R]]:
    """Make a function that returns a query set into one that returns its rows.

    All that changes from call to call must be an argument and reach the statement as it is:
    an int, a str (its enumerations too), a datetime, a UUID, or a tuple of these for ``__in``.
    None, booleans and frozen dataclasses (an actor) may change the statement, so each is a
    statement of its own. What the function asks the clock or the configuration itself is frozen at
    the first call. TypeError for any other argument, ValueError when one does not reach the
    statement unchanged.
    """
    known: dict[Any, Statement] = {}

    def spell(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Statement:
        given = (*args, *kwargs.values())
        key = (connection.vendor, tuple(kwargs), tuple(map(_shape, given)))
        statement = known.get(key)
        if statement is None:
            if len(known) >= _MOST:
                known.pop(next(iter(known)), None)
            statement = _spell(ask, len(args), tuple(kwargs), given)
            same = (one for one in list(known.values()) if one.says_the_same_as(statement))
            statement = known[key] = next(same, statement)
        return statement

    @wraps(ask)
    def find(*args: P.args, **kwargs: P.kwargs) -> list[R]:
        if ahead.answers and (answered := ahead.take(find, args, kwargs)) is not None:
            return answered
        try:
            return spell(args, kwargs).run((*args, *kwargs.values()))
        except EmptyResultSet:
            return []

    find.spell = spell  # type: ignore[attr-defined]
    return find


def in_steps(ids: Iterable[int]) -> tuple[int, ...]:
    """These and the last of them repeated: for ``__in`` of a statement spelt once, which is spelt
    for each length."""
    given = tuple(ids)
    return (*given, *given[-1:] * (-len(given) % _STEP))


class _Ahead(threading.local):
    """Answers that this thread has asked for before they are wanted (`together`): each is for one
    who asks, since whoever gets rows may change them."""

    def __init__(self) -> None:
        self.answers: dict[Any, list[list[Any]]] = {}

    def take(self, question: Any, args: Any, kwargs: Any) -> list[Any] | None:
        waiting = self.answers.get((question, args)) if not kwargs else None
        return waiting.pop() if waiting else None


ahead = _Ahead()


@dataclass(frozen=True, slots=True)
class Statement:
    """A question as the database gets it. ``slots``: (place in ``params``, argument that goes
    there, place in the argument when it is a tuple)."""

    queryset: Any
    compiler: Any
    sql: str
    params: Sequence[Any]
    slots: tuple[tuple[int, int, int | None], ...]
    converters: Any
    builder: _Builder | None  # None: values, which need no objects
    is_plain: bool  # the columns are what is wanted: objects, or the values of one

    def says_the_same_as(self, other: Statement) -> bool:
        """Whether one will do for both: two agents with the same rights, mostly. What is fetched
        beside the rows may differ without being in it."""
        mine, others = self.queryset, other.queryset
        return (
            (self.sql, self.slots, tuple(self.params))
            == (other.sql, other.slots, tuple(other.params))
            and (mine._iterable_class, mine._fields) == (others._iterable_class, others._fields)
            and not mine._prefetch_related_lookups
            and not others._prefetch_related_lookups
        )

    def run(self, given: Sequence[Any]) -> list[Any]:
        params = list(self.params)
        for place, argument, part in self.slots:
            value = given[argument]
            params[place] = _prepared(value if part is None else value[part])
        if self.is_plain:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(self.sql, params)
                return self.make(cursor.fetchall())
        compiler = self._asking()
        compiler.as_sql = lambda *_args, **_kwargs: (self.sql, tuple(params))
        return self._made(compiler)

    def make(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """What `run` makes, of rows that were asked for in another way."""
        if not rows:
            return []
        if self.is_plain:
            rows = self._converted(rows)
            if self.builder is not None:
                return self.builder.build(rows, self.queryset)
            return [row[0] for row in rows]
        compiler = self._asking()
        convert = compiler.results_iter
        compiler.results_iter = lambda tuple_expected=False, **_kwargs: convert(
            [rows], tuple_expected=tuple_expected
        )
        return self._made(compiler)

    def _converted(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Values as the fields give them (`SQLCompiler.apply_converters`)."""
        if not self.converters:
            return rows
        db = connections[DEFAULT_DB_ALIAS]
        converters = list(self.converters.items())
        converted = [list(row) for row in rows]
        for row in converted:
            for place, (each, expression) in converters:
                value = row[place]
                for convert in each:
                    value = convert(value, expression, db)
                row[place] = value
        return converted

    def _asking(self) -> Any:
        """A copy each: threads have connections of their own."""
        compiler = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.get_converters = lambda _select: self.converters
        return compiler

    def _made(self, compiler: Any) -> list[Any]:
        if self.builder is not None:
            return self.builder.build(compiler.results_iter(), self.queryset)
        query = copy.copy(self.queryset.query)
        query.get_compiler = lambda *_args, **_kwargs: compiler
        rows = type(self.queryset)(self.queryset.model, query=query, using=connection.alias)
        rows._iterable_class = self.queryset._iterable_class
        rows._fields = self.queryset._fields
        return list(rows)


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes objects of rows as `ModelIterable` does, with what it works out each time kept."""

    names: tuple[str, ...]
    begin: int
    end: int
    maker: Any  # of objects: the model, or what is quicker (`making`)
    populators: Sequence[Any]
    annotations: Sequence[tuple[str, int]]

    def build(self, rows: Iterable[Sequence[Any]], queryset: Any) -> list[Any]:
        model, alias = queryset.model, connection.alias
        found = []
        for row in rows:
            made = self.maker.from_db(alias, self.names, row[self.begin : self.end])
            for populator in self.populators:
                populator.populate(row, made)
            for name, place in self.annotations:
                setattr(made, name, row[place])
            found.append(made)
        for lookup in queryset._prefetch_related_lookups if found else ():
            _prefetch(model, lookup, found)
        return found


def _prefetch(model: type[Model], lookup: Any, found: list[Any]) -> None:
    """Rows that point back at these, by a statement spelt once too; all else as the ORM does."""
    back: Any = getattr(model, lookup, None) if isinstance(lookup, str) else None
    is_simple = type(back) is ReverseManyToOneDescriptor and back.field.target_field.primary_key
    if not is_simple or len(found) > _TOGETHER:
        prefetch_related_objects(found, lookup)
        return
    related, field = back.rel.related_model, back.field
    rows: dict[Any, list[Any]] = {one.pk: [] for one in found}
    for row in _pointing_back(related, field)(tuple(rows)):
        rows[getattr(row, field.attname)].append(row)
    for one in found:
        for row in rows[one.pk]:
            field.set_cached_value(row, one)
        # Narrowed further, it asks for rows of this one alone: the ORM's own manager puts that
        # together each time, and hardly anybody narrows further.
        kept = related._default_manager.get_queryset()
        kept._deferred_filter = False, (), {field.name: one}
        kept._known_related_objects = {field: {one.pk: one}}
        kept._result_cache, kept._prefetch_done = rows[one.pk], True
        vars(one).setdefault("_prefetched_objects_cache", {})[back.rel.cache_name] = kept


@cache
def _pointing_back(related: Any, field: Any) -> Callable[[tuple[int, ...]], list[Any]]:
    @spelt_once
    def find(ids: tuple[int, ...]) -> Iterable[Any]:
        return related._default_manager.filter(**{f"{field.name}__in": ids})

    return find


def _builder_of(queryset: Any, compiler: Any) -> _Builder | None:
    if queryset._iterable_class is not ModelIterable:
        return None
    fields = compiler.klass_info["select_fields"]
    begin, end = fields[0], fields[-1] + 1
    names = tuple(column.target.attname for column, *_rest in compiler.select[begin:end])
    joined = get_related_populators(compiler.klass_info, compiler.select, connection.alias)
    quicken(joined)
    return _Builder(
        names=names,
        begin=begin,
        end=end,
        maker=quick(queryset.model, names),
        populators=joined,
        annotations=tuple((compiler.annotation_col_map or {}).items()),
    )


def _shape(value: Any) -> Any:
    """What of an argument decides how the statement is spelt."""
    if _decides(value):
        return value
    if isinstance(value, tuple):
        return tuple(map(_shape, value))
    for kind in (int, str, datetime, UUID):
        if isinstance(value, kind):
            return kind
    raise TypeError(f"no argument of a statement spelt once: {type(value).__name__}")


def _decides(value: Any) -> bool:
    return value is None or isinstance(value, bool) or (is_dataclass(value))


def _prepared(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return str(value) if isinstance(value, str) else value


def _spell(
    ask: Callable[..., Any], positional: int, names: tuple[str, ...], given: Sequence[Any]
) -> Statement:
    """Compiled with two sets of stand-ins: where the parameters differ is where arguments go."""

    def compiled(stand_ins: list[Any]) -> tuple[Any, Any, str, Sequence[Any]]:
        args, rest = stand_ins[:positional], stand_ins[positional:]
        queryset = ask(*args, **dict(zip(names, rest, strict=True)))
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        return queryset, compiler, sql, params

    places: dict[Any, tuple[int, int | None]] = {}
    unused: dict[Any, tuple[int, int | None]] = {}
    first = [_stand_in(value, at, 0, places) for at, value in enumerate(given)]
    second = [_stand_in(value, at, 1, unused) for at, value in enumerate(given)]
    queryset, compiler, sql, params = compiled(first)
    _queryset, _compiler, _sql, others = compiled(second)
    slots = []
    for place, (one, other) in enumerate(zip(params, others, strict=True)):
        if one != other:
            if one not in places:
                raise ValueError(f"{ask.__qualname__} changes an argument: it cannot be spelt once")
            slots.append((place, *places[one]))
    if {slot[1:] for slot in slots} != set(places.values()):
        raise ValueError(f"{ask.__qualname__} has an argument that reaches no statement")
    converters = compiler.get_converters(column for column, *_rest in compiler.select)
    builder = _builder_of(queryset, compiler)
    is_flat = queryset._iterable_class is FlatValuesListIterable
    is_plain = (builder is not None or is_flat) and not (
        compiler.has_extra_select
        or compiler.has_composite_fields([column for column, *_rest in compiler.select])
    )
    return Statement(queryset, compiler, sql, params, tuple(slots), converters, builder, is_plain)


def _stand_in(
    value: Any,
    at: int,
    turn: int,
    places: dict[Any, tuple[int, int | None]],
    part: int | None = None,
) -> Any:
    """What stands for an argument while the statement is spelt; ``places`` learns of it."""
    if _decides(value):
        return value
    if isinstance(value, tuple):
        return tuple(_stand_in(one, at, turn, places, n) for n, one in enumerate(value))
    # Small enough for any column of numbers: the ORM knows how much each holds.
    number = 10_000 * (1 + turn) + len(places)
    made: Any = number
    if isinstance(value, str):
        made = f"spelt once {number}"
    elif isinstance(value, datetime):
        made = datetime(2001, 1, 1, microsecond=number, tzinfo=UTC)
    elif isinstance(value, UUID):
        made = UUID(int=number)
    places[_prepared(made)] = (at, part)
    return made
