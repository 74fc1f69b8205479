"""Declaring tasks, in the shape of ``django.tasks``: ``@task``, ``.enqueue``, ``.using``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from otklik.core.jobs.models import Job

UniqueBy = Callable[..., str]
LIGHT, HEAVY = "light", "heavy"


class RetryLater(Exception):
    """Not now: run the job again ``after`` that time (default: the usual back-off)."""

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class GiveUp(Exception):
    """Trying again cannot help: the job becomes a dead letter at once."""


@dataclass(frozen=True, slots=True)
class Task:
    """A named function that runs later with JSON keyword arguments, at least once.

    Called directly it simply runs. ``time_limit`` (seconds) and ``memory_limit`` (bytes) bound
    the child process of a heavy task; a light one shares a thread with others and is only
    warned about.
    """

    name: str
    function: Callable[..., None]
    queue: str = LIGHT
    max_attempts: int = 10
    unique: bool | UniqueBy = False
    time_limit: int = 600
    memory_limit: int = 1 << 30
    run_at: datetime | None = None
    order_key: str | None = None
    unique_key: str | None = None

    def __call__(self, **arguments: Any) -> None:
        self.function(**arguments)

    def using(
        self,
        *,
        run_at: datetime | None = None,
        order_key: str | None = None,
        unique_key: str | None = None,
    ) -> Task:
        """The same task with other conditions for its next ``enqueue``."""
        return replace(
            self,
            run_at=run_at or self.run_at,
            order_key=order_key or self.order_key,
            unique_key=unique_key or self.unique_key,
        )

    def enqueue(self, **arguments: Any) -> Job:
        """Write the job's row in the caller's transaction; it runs after the commit.

        With a unique key that already waits, that job is returned instead of a second one.
        Raises ValueError for arguments that are no JSON or more than 64 kB.
        """
        from otklik.core.jobs.rows import put_job

        return put_job(self, arguments)

    def enqueue_each(self, many: Iterable[dict[str, Any]]) -> None:
        """As ``enqueue`` for each of these arguments, in one statement."""
        from otklik.core.jobs.rows import put_jobs

        put_jobs(self, many)


@dataclass(frozen=True, slots=True)
class Rule:
    """How often a task repeats: every so many seconds, or daily at a time of day in UTC."""

    seconds: int = 0
    at: time | None = None

    def __str__(self) -> str:
        return f"daily {self.at:%H:%M}" if self.at else f"every {self.seconds} s"

    def next_after(self, moment: datetime) -> datetime:
        """The first time after ``moment`` (aware); missed runs are not made up for."""
        if self.at is None:
            return moment + timedelta(seconds=self.seconds)
        due = datetime.combine(moment.astimezone(UTC).date(), self.at, tzinfo=UTC)
        return due if due > moment else due + timedelta(days=1)


@dataclass(slots=True)
class _Registry:
    tasks: dict[str, Task] = field(default_factory=dict)
    schedules: dict[str, tuple[Task, Rule]] = field(default_factory=dict)


_registry = _Registry()


def task(
    *,
    name: str,
    queue: str = LIGHT,
    max_attempts: int | None = None,
    unique: bool | UniqueBy = False,
    time_limit: int = 600,
    memory_limit: int = 1 << 30,
) -> Callable[[Callable[..., None]], Task]:
    """Declare a task. ``name`` never changes: rows remember it.

    ``unique=True``: at most one job waits per set of arguments; a callable names the key.
    A heavy task runs in a short-lived process of its own; default attempts are 10, heavy 3.
    """
    if queue not in (LIGHT, HEAVY):
        raise ValueError(f"task {name!r}: the queue is light or heavy")

    def declare(function: Callable[..., None]) -> Task:
        known = _registry.tasks.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"task {name!r} is declared twice")
        attempts = max_attempts or (3 if queue == HEAVY else 10)
        declared = Task(name, function, queue, attempts, unique, time_limit, memory_limit)
        _registry.tasks[name] = declared
        return declared

    return declare


def every(
    *, seconds: int = 0, minutes: int = 0, hours: int = 0, daily_at: str = ""
) -> Callable[[Task], Task]:
    """Repeat a task without arguments: ``@every(minutes=5)`` above ``@task(...)``.

    ``daily_at`` is "HH:MM" in UTC. However many workers run, each turn is enqueued once.
    """
    total = seconds + 60 * minutes + 3600 * hours
    if bool(total) == bool(daily_at) or total < 0:
        raise ValueError("say either how often or daily at what time")
    rule = Rule(at=time.fromisoformat(daily_at)) if daily_at else Rule(seconds=total)

    def schedule(declared: Task) -> Task:
        _registry.schedules[declared.name] = (declared, rule)
        return declared

    return schedule


def find_task(name: str) -> Task | None:
    return _registry.tasks.get(name)


def list_schedules() -> dict[str, tuple[Task, Rule]]:
    """Task name → (task, rule)."""
    return dict(_registry.schedules)
