"""Threads with connections of their own, as few as there is work for at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import connections

from otklik.kit.memory import give_back

# Seconds without work after which a thread ends: on SQLite its connection holds up to 2 MB.
REST = 5.0

T = TypeVar("T")
P = ParamSpec("P")
_Piece = tuple[Future[Any], Callable[[], Any]]


class RestingThreads(Executor):
    """``most`` threads at most. The one that began to rest last takes the next piece: what it has
    read and compiled is still there. The others end after a while, and their connections with
    them; ``least`` stay."""

    def __init__(self, most: int, name: str, *, least: int = 1) -> None:
        self._most, self._name, self._least = most, name, least
        self._lock = threading.Lock()
        self._resting: list[_Thread] = []
        self._waiting: deque[_Piece] = deque()
        self._threads: set[_Thread] = set()
        self._begun = 0
        self._is_over = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises RuntimeError after the shutdown."""
        future: Future[T] = Future()
        piece: _Piece = (future, lambda: fn(*args, **kwargs))
        with self._lock:
            if self._is_over:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if self._resting:
                self._resting.pop().take(piece)
            elif len(self._threads) < self._most:
                thread = _Thread(self, f"{self._name}_{self._begun}", piece)
                self._begun += 1
                thread.start()
                self._threads.add(thread)
            else:
                self._waiting.append(piece)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            self._is_over = True
            if cancel_futures:
                for future, _do in self._waiting:
                    future.cancel()
                self._waiting.clear()
            for thread in self._resting:
                thread.take(None)
            self._resting.clear()
            threads = list(self._threads)
        if wait:
            for thread in threads:
                thread.join()

    def rest(self, thread: _Thread) -> None:
        """A thread has done its piece: it gets the next one, or rests until there is one."""
        with self._lock:
            if self._waiting:
                thread.take(self._waiting.popleft())
            elif self._is_over:
                thread.take(None)
            else:
                self._resting.append(thread)

    def may_end(self, thread: _Thread) -> bool:
        """Whether one that has rested long is not needed; it gets nothing more then."""
        with self._lock:
            if thread not in self._resting or len(self._threads) <= self._least:
                return False
            self._resting.remove(thread)
            self._threads.discard(thread)
            return True

    def ended(self, thread: _Thread) -> None:
        with self._lock:
            self._threads.discard(thread)


class _Thread(threading.Thread):
    def __init__(self, pool: RestingThreads, name: str, piece: _Piece) -> None:
        super().__init__(name=name, daemon=True)
        self._pool = pool
        self._piece: _Piece | None = piece
        self._bell = threading.Lock()  # free: there is something to do, or an end

    def take(self, piece: _Piece | None) -> None:
        self._piece = piece
        self._bell.release()

    def run(self) -> None:
        try:
            while (piece := self._next()) is not None:
                tell = _do(*piece)
                del piece  # while it rests it holds nothing of what it did
                # Before anybody hears of it: who asks again at once finds this thread free.
                self._pool.rest(self)
                tell()
                del tell
        finally:
            connections.close_all()
            self._pool.ended(self)
            give_back()  # also what the burst has left for which this thread was begun

    def _next(self) -> _Piece | None:
        while not self._bell.acquire(timeout=REST):
            if self._pool.may_end(self):
                return None
        piece, self._piece = self._piece, None
        return piece


def _do(future: Future[Any], do: Callable[[], Any]) -> Callable[[], None]:
    """Do it; what is returned tells how it ended."""
    if not future.set_running_or_notify_cancel():
        return lambda: None
    try:
        return partial(future.set_result, do())
    except BaseException as error:
        return partial(future.set_exception, error)
