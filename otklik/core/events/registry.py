"""Event types and their listeners, known by name. Filled while the rooms start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

from django.utils.functional import Promise

from otklik.core.access import Origin
from otklik.core.events.phases import Phase

LIVE_ONLY = frozenset({Origin.LIVE})
ANY_ORIGIN = frozenset(Origin)
# These fields of an event become columns of its row, for the timeline and for erasure.
COLUMN_FIELDS = frozenset({"ticket_id", "person_id", "brand_id"})

T = TypeVar("T")
Handler = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class EventType:
    name: str
    version: int
    model: type
    audience: str
    forgets: bool = True  # of no ticket, it ends what is believed for a moment


@dataclass(frozen=True, slots=True)
class Listener:
    """One handler of one event. ``name`` never changes: failed work is remembered under it."""

    name: str
    event_name: str
    handler: Handler
    phase: Phase | None  # None: inside the transaction
    origins: frozenset[Origin]
    gathers: bool = False  # hears several events at once


_types: dict[str, EventType] = {}
_words: dict[str, str | Promise] = {}
_groups: dict[str, str | Promise] = {}
_names: dict[type, str] = {}
_listeners: dict[str, list[Listener]] = {}
_by_name: dict[tuple[str, str], Listener] = {}


def event(
    name: str, *, version: int = 1, audience: str = "staff", forgets: bool = True
) -> Callable[[type[T]], type[T]]:
    """Declare a frozen dataclass as an event. ``audience``: staff, members or requester; person:
    nobody but the one it names. ``forgets`` False: it is about no ticket and yet changes
    nothing that `core.db.briefly` keeps."""

    def declare(model: type[T]) -> type[T]:
        if name in _types and _types[name].model.__qualname__ != model.__qualname__:
            raise ValueError(f"event {name!r} is declared twice")
        if not is_dataclass(model):
            raise TypeError(f"{model.__name__} is not a dataclass")
        _types[name] = EventType(name, version, model, audience, forgets)
        _names[model] = name
        return model

    return declare


def on(
    model: type,
    *,
    name: str = "",
    phase: Phase | None = None,
    in_transaction: bool = False,
    origins: Iterable[Origin] = LIVE_ONLY,
    gathers: bool = False,
) -> Callable[[Handler], Handler]:
    """Listen to an event, in the transaction (rows only) or in a phase after the commit.

    The handler gets the ``EventRow``; ``row.event`` is the dataclass again. One that ``gathers``
    gets a list of them in id order, of all the events for which the same handler is registered:
    what asks the database the same for each is asked once. In the last phase only, after all
    others.
    """
    if in_transaction == (phase is not None):
        raise ValueError("a listener hears in the transaction or in a phase, one of the two")
    if gathers and phase is not max(Phase):
        raise ValueError("events are gathered in the last phase only")
    event_name = name_of(model)

    def listen(handler: Handler) -> Handler:
        listener = Listener(
            name=name or f"{handler.__module__}.{handler.__qualname__}",
            event_name=event_name,
            handler=handler,
            phase=phase,
            origins=frozenset(origins),
            gathers=gathers,
        )
        key = (event_name, listener.name)
        if key not in _by_name:
            _by_name[key] = listener
            _listeners.setdefault(event_name, []).append(listener)
        return handler

    return listen


def name_of(model: type) -> str:
    """What its rows are called. Raises TypeError for a class that is no event."""
    name = _names.get(model)
    if name is None:
        raise TypeError(f"{model.__name__} is not an event")
    return name


def name_events(words: Mapping[str, str | Promise], *, group: str | Promise) -> None:
    """What events are called where people read of them: "Ticket opened", in their language, and
    what they stand under where one chooses among all of them: "Tickets"."""
    _words.update(words)
    _groups.update(dict.fromkeys(words, group))


def words_of(name: str) -> str:
    """Its code for an event that nobody declares any more."""
    return str(_words.get(name, name))


def group_of(name: str) -> str:
    """The part of its code before the dot for an event that nobody declares any more."""
    return str(_groups.get(name, name.partition(".")[0]))


def find_type(name: str) -> EventType | None:
    return _types.get(name)


def type_of(happened: object) -> EventType:
    """Raises TypeError for something that is no event."""
    return _types[name_of(type(happened))]


def list_types() -> list[EventType]:
    return sorted(_types.values(), key=lambda found: found.name)


def list_listeners(event_name: str, *, in_transaction: bool) -> list[Listener]:
    """In the order they run: by phase, then as they were registered."""
    found = [
        listener
        for listener in _listeners.get(event_name, ())
        if (listener.phase is None) == in_transaction
    ]
    return sorted(found, key=lambda listener: listener.phase or 0)


def find_listener(event_name: str, listener_name: str) -> Listener | None:
    return _by_name.get((event_name, listener_name))


def split_columns(happened: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """(columns, data): what has a column of its own, and the rest."""
    columns: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for spec in fields(happened):  # type: ignore[arg-type]
        value = getattr(happened, spec.name)
        (columns if spec.name in COLUMN_FIELDS else data)[spec.name] = value
    return columns, data
