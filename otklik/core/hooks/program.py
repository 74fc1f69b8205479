"""What rooms plug into the program ``otklik``; registered from ``apps.ready()``, no Django here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """Which process runs a service: ``otklik mail``, ``otklik worker``; ``up`` runs both. What is
    of ``WEB`` runs in each process that serves pages."""

    MAIL = "mail"
    WORKER = "worker"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Service:
    """``run(stop)`` blocks until ``stop`` is set; when it raises it is started again, later."""

    name: str
    run: Callable[[threading.Event], None]
    part: Part


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of ``otklik check``. ``state``: ok, warning or failed; ``advice``: what to do."""

    name: str
    state: str
    detail: str = ""
    advice: str = ""


Progress = Callable[[int, int | None], None]  # (done, total or None)


@dataclass(frozen=True, slots=True)
class Command:
    """A command a room adds; ``run(arguments)`` returns the exit code."""

    name: str
    help: str
    run: Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo company. ``load`` returns the accounts to print: (label, e-mail, password).

    ``load`` may have been interrupted and is then repeated; ``new_passwords`` gives every demo
    account another random password and returns the same as ``load``. ``remove`` returns what stays
    because somebody made something with it; ``has_room`` says whether the desk is still empty.
    """

    load: Callable[[Progress], Sequence[tuple[str, str, str]]]
    remove: Callable[[Progress], Sequence[str]]
    is_loaded: Callable[[], bool]
    new_passwords: Callable[[], Sequence[tuple[str, str, str]]] | None = None
    has_room: Callable[[], bool] = lambda: True
    has_remains: Callable[[], bool] = lambda: False  # of a load that was interrupted


@dataclass(frozen=True, slots=True)
class Backfill:
    """``step()`` does a few milliseconds of work and returns whether more is left."""

    name: str
    step: Callable[[], bool]
    after: tuple[str, str]


_services: dict[str, Service] = {}
_checks: dict[str, Callable[[], Iterable[CheckResult]]] = {}
_rebuilds: dict[str, Callable[[Progress], int]] = {}
_commands: dict[str, Command] = {}
_steps: dict[str, tuple[int, Callable[[], None]]] = {}
_demo: list[Demo] = []
_setup_link: list[Callable[[], str | None]] = []
_after_restore: dict[str, tuple[int, Callable[[], str]]] = {}
_backfills: dict[str, Backfill] = {}
_early: dict[str, None] = {}


def register_service(
    name: str, run: Callable[[threading.Event], None], *, part: Part = Part.WORKER
) -> None:
    """Add a background service; it runs in a thread of its own in the back process."""
    _services[name] = Service(name, run, part)


def register_check(name: str, check: Callable[[], Iterable[CheckResult]]) -> None:
    """Add to ``otklik check``. A check that raises is shown as failed with its own words."""
    _checks[name] = check


def register_rebuild(name: str, rebuild: Callable[[Progress], int]) -> None:
    """Add ``otklik rebuild <name>``; returns how many rows it wrote anew."""
    _rebuilds[name] = rebuild


def register_command(name: str, help: str, run: Callable[[Sequence[str]], int]) -> None:
    """Add ``otklik <name> …``; two words ("key rotate") are allowed."""
    _commands[name] = Command(name, help, run)


def register_init(name: str, step: Callable[[], None], *, order: int = 100) -> None:
    """Add to ``otklik init``: what every desk has from the start. Must be repeatable."""
    _steps[name] = (order, step)


def register_demo(demo: Demo) -> None:
    """The one demo company."""
    _demo[:] = [demo]


def register_setup_link(link: Callable[[], str | None]) -> None:
    """``link()``: a new single-use path such as "/setup/…/", or None when the desk is set up."""
    _setup_link[:] = [link]


def register_after_restore(name: str, replay: Callable[[], str], *, order: int = 100) -> None:
    """What a room does once a backup has been restored, before anything is served.

    ``replay`` must be repeatable; it returns one line for the operator, or "" when it had nothing
    to do. One that raises leaves the desk closed until the restore is repeated.
    """
    _after_restore[name] = (order, replay)


def register_backfill(name: str, step: Callable[[], bool], *, after: tuple[str, str]) -> None:
    """Old rows that get what the migration ``after`` (application, name) added, while the desk
    runs.

    ``step()`` does a few milliseconds of work and returns whether more is left; it finds for
    itself where it had got to. Names never change: the ones that are done are remembered.
    """
    _backfills[name] = Backfill(name, step, after)


def register_early(*modules: str) -> None:
    """Modules that a service imports when it first needs them. ``otklik up`` imports them before
    its processes part: what is imported then is shared, and one process alone touches far more
    pages for an import than the module has. Other commands do without."""
    _early.update(dict.fromkeys(modules))


def list_early() -> list[str]:
    return list(_early)


def list_services(*parts: Part) -> list[Service]:
    return [each for each in _services.values() if not parts or each.part in parts]


def list_checks() -> list[tuple[str, Callable[[], Iterable[CheckResult]]]]:
    return list(_checks.items())


def list_rebuilds() -> dict[str, Callable[[Progress], int]]:
    return dict(_rebuilds)


def list_commands() -> dict[str, Command]:
    return dict(_commands)


def list_init_steps() -> list[tuple[str, Callable[[], None]]]:
    ordered = sorted(_steps.items(), key=lambda item: (item[1][0], item[0]))
    return [(name, step) for name, (_, step) in ordered]


def find_demo() -> Demo | None:
    return _demo[0] if _demo else None


def find_setup_link() -> str | None:
    return _setup_link[0]() if _setup_link else None


def list_after_restore() -> list[tuple[str, Callable[[], str]]]:
    ordered = sorted(_after_restore.items(), key=lambda item: (item[1][0], item[0]))
    return [(name, replay) for name, (_, replay) in ordered]


def list_backfills() -> list[Backfill]:
    return list(_backfills.values())
