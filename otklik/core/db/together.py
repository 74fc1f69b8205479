"""Questions spelt once, asked about many things in one statement.

Whoever draws many things one after another names beforehand what will be asked of each. On
PostgreSQL the statement is planned, sent and answered once for all of them; the functions that ask
later get these answers and nothing in them changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection

from otklik.core.db.spelling import Statement, ahead

R = TypeVar("R")
Question = Callable[..., list[R]]

_MARKS = re.compile("%%|%s")
_TYPES = {int: "bigint", str: "text"}


class Ahead:
    """Answers of this thread for the functions that will ask for them; each is given once."""

    def ask(self, question: Question[R], asked: Iterable[tuple[Hashable, ...]]) -> list[list[R]]:
        """The answers, one for each tuple of (positional) arguments, in that order. ``question`` is
        a function made by `spelt_once`."""
        wanted = list(asked)
        answers = _ask(question, wanted)
        for args, answer in zip(wanted, answers, strict=True):
            self.keep(question, args, answer)
        return answers

    def keep(self, question: Question[R], args: tuple[Hashable, ...], answer: list[R]) -> None:
        """What was found out in another way."""
        ahead.answers.setdefault((question, args), []).append(list(answer))


@contextmanager
def asking_ahead() -> Iterator[Ahead]:
    """Within it this thread is given what was asked ahead; what nobody came for is forgotten."""
    before, ahead.answers = ahead.answers, {}
    try:
        yield Ahead()
    finally:
        ahead.answers = before


def _ask(question: Any, wanted: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Arguments that make another statement are asked apart; so is all where there is no way over
    a wire to be spared."""
    if connection.vendor != "postgresql" or len(wanted) < 2:
        return [question(*args) for args in wanted]
    answers: list[list[Any]] = [[] for _ in wanted]
    groups: dict[int, tuple[Statement, list[int]]] = {}
    for at, args in enumerate(wanted):
        try:
            statement: Statement = question.spell(args, {})
        except EmptyResultSet:
            continue
        groups.setdefault(id(statement), (statement, []))[1].append(at)
    for statement, places in groups.values():
        some = [wanted[at] for at in places]
        for at, answer in zip(places, _ask_at_once(statement, some), strict=True):
            answers[at] = answer
    return answers


def _ask_at_once(statement: Statement, wanted: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    used = sorted({argument for _place, argument, _part in statement.slots})
    kinds = [{type(args[at]) for args in wanted} for at in used]
    is_plain = all(part is None for *_place, part in statement.slots)
    if not used or not is_plain or any(len(kind) > 1 or not kind <= set(_TYPES) for kind in kinds):
        return [statement.run(args) for args in wanted]
    arrays = ", ".join(f"%s::{_TYPES[kind.pop()]}[]" for kind in kinds)
    names = ", ".join(f"a{at}" for at in used)
    sql = (  # nothing in it but statements of our own and marks
        f"SELECT one.*, asked.place FROM unnest({arrays}) WITH ORDINALITY AS asked ({names}, place)"  # noqa: S608
        f" CROSS JOIN LATERAL ({_with_columns(statement)}) AS one"
    )
    slots = {place for place, *_rest in statement.slots}
    given = [[args[at] for args in wanted] for at in used]
    given += [value for at, value in enumerate(statement.params) if at not in slots]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    answers: list[list[Any]] = [[] for _ in wanted]
    for row, one in zip(rows, statement.make([row[:-1] for row in rows]), strict=True):
        answers[row[-1] - 1].append(one)
    return answers


def _with_columns(statement: Statement) -> str:
    """The statement with a column of ``asked`` where an argument goes."""
    columns = {place: f"asked.a{argument}" for place, argument, _part in statement.slots}
    places = iter(range(len(statement.params)))

    def put(mark: re.Match[str]) -> str:
        return mark[0] if mark[0] == "%%" else columns.get(next(places), "%s")

    return _MARKS.sub(put, statement.sql)
