"""The one door through which rows are written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def write() -> Iterator[None]:
    """A transaction; inside another one a step of it that may fail alone, by a savepoint.

    At most 20 ms: no I/O, no rendering inside.
    """
    is_outermost = not _is_inside()
    with transaction.atomic():
        if is_outermost and is_unhurried():
            _let_postgresql_return_early()
        yield


@contextmanager
def unhurried() -> Iterator[None]:
    """Commits of this thread inside do not wait for the disk.

    They are safe at once against the death of any process, and against a power cut together with
    the next commit of anybody that does wait: both databases keep their order. For what is done
    again when it is lost, such as the marks of the dispatcher.
    """
    before = is_unhurried()
    _pace.is_unhurried = True
    try:
        yield
    finally:
        _pace.is_unhurried = before


def is_unhurried() -> bool:
    return getattr(_pace, "is_unhurried", False)


_pace = threading.local()


def _let_postgresql_return_early() -> None:
    connection = transaction.get_connection()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as a write door: it runs in one transaction of its own or its caller's.

    In its caller's it takes no savepoint: when it fails, so does the whole. Who wants to go on
    without it opens a ``write()`` around it.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _is_inside():
            with write():
                return function(*args, **kwargs)
        with transaction.atomic(savepoint=False):
            return function(*args, **kwargs)

    return run


def _is_inside() -> bool:
    """Whether a transaction of ours runs; the one a test case wraps around itself is none."""
    blocks = transaction.get_connection().atomic_blocks
    return bool(blocks) and not blocks[-1]._from_testcase


def after_commit(callback: Callable[[], object]) -> None:
    """Run once the rows are safe; at once outside a transaction. Errors are logged, not raised."""
    transaction.on_commit(callback, robust=True)
