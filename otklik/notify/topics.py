"""What one can be told of. Rooms above register their topics; codes never change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise


class Mail(StrEnum):
    """When a letter goes out: never, soon, or with others at the hour one chose."""

    OFF = "off"
    NOW = "now"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Ways:
    """How one is told of a topic. ``in_quiet_hours``: it does not wait until they end."""

    screen: bool = True
    sound: bool = False
    push: bool = False
    mail: Mail = Mail.OFF
    in_quiet_hours: bool = False

    @property
    def is_any(self) -> bool:
        return self.screen or self.push or self.mail is not Mail.OFF

    def as_json(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


WAY_NAMES = tuple(each.name for each in fields(Ways))


@dataclass(frozen=True, slots=True)
class Topic:
    """``label`` names it in the settings; ``line`` says what happened without naming anybody, for
    it is what a locked screen shows. A lower ``order`` wins when one event is of two topics.
    ``is_answerable``: what one answers to a letter about it may go where the thing's answers go.
    """

    code: str
    label: str | Promise
    line: str | Promise
    ways: Ways
    order: int
    is_answerable: bool = False


_topics: dict[str, Topic] = {}


def register_topic(
    code: str,
    label: str | Promise,
    line: str | Promise,
    *,
    ways: Ways,
    order: int = 100,
    is_answerable: bool = False,
) -> None:
    """From ``apps.ready()``. Raises ValueError for a code that is taken by another topic."""
    known = _topics.get(code)
    if known is not None and known.label != label:
        raise ValueError(f"topic {code!r} is registered twice")
    if len(code) > 40:
        raise ValueError(f"topic {code!r}: the code is longer than 40 characters")
    _topics[code] = Topic(code, label, line, ways, order, is_answerable)


def find_topic(code: str) -> Topic | None:
    return _topics.get(code)


def list_topics() -> list[Topic]:
    """In the order they are shown."""
    return sorted(_topics.values(), key=lambda topic: (topic.order, topic.code))


def ways_from(data: Any, base: Ways) -> Ways:
    """Stored or sent values over ``base``. Raises ValueError, naming what makes no sense."""
    given = base.as_json()
    for name, value in data.items() if isinstance(data, dict) else [("", data)]:
        if name == "mail":
            given[name] = Mail(value)
        elif name in WAY_NAMES and isinstance(value, bool):
            given[name] = value
        else:
            raise ValueError(f"no way or no value of it: {str(name)[:40]}")
    return Ways(**given)
