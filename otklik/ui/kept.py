"""Parts of a page that are drawn once and shown again wherever they say the same.

A ticket's page is mostly menus and forms that differ from the next ticket's by its number. The tag
``{% kept %}`` keeps what a template became of the same values and puts the numbers into it. The
template is given nothing else of the page, so that nothing else can decide what it says.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Hashable, Mapping
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

import structlog
from django.template.base import FilterExpression, Node
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from otklik.ui.folding import Part

logger = structlog.get_logger(__name__)

# Stands where each page puts its own token against forged forms. Nobody can guess it, or what
# stands for the numbers: who wrote it into a letter would have the reader's put there.
_TOKEN = secrets.token_hex(24)
_STEADY = {str, SafeString, int, bool, type(None)}
_STEP = 15 * 60  # seconds: no zone's day begins between two quarters of an hour
_LONGEST = 100_000  # characters of a part that is kept
_MOST = 500_000  # characters in each half
_ENTRY = 200  # what a key weighs, about


class Keep:
    """What was drawn of what. Two halves: when the newer one is full the older one is let go, and
    what is asked for again moves over. Threads share it without a lock: at worst a part is drawn
    once more."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._weight = 0
        self._new: dict[Hashable, str] = {}
        self._old: dict[Hashable, str] = {}

    def get(self, key: Hashable) -> str | None:
        drawn = self._new.get(key)
        if drawn is None and (drawn := self._old.get(key)) is not None:
            self.put(key, drawn)
        return drawn

    def put(self, key: Hashable, drawn: str) -> None:
        if len(drawn) > _LONGEST:
            return
        weight = len(drawn) + _ENTRY
        if self._weight + weight > self._most:
            self._old, self._new, self._weight = self._new, {}, 0
        self._new[key] = drawn
        self._weight += weight

    def __len__(self) -> int:
        return len(self._new.keys() | self._old.keys())

    def clear(self) -> None:
        self._old, self._new, self._weight = {}, {}, 0


kept = Keep()


class KeptNode(Node):
    """``{% kept "name.html" is_pinned=said.is_pinned put number=ticket.number %}``."""

    child_nodelists = ()

    def __init__(
        self, name: str, values: dict[str, FilterExpression], numbers: dict[str, FilterExpression]
    ) -> None:
        self._name, self._values, self._numbers, self._part = name, values, numbers, Part(name)
        self._stand_ins = {each: 10**17 + secrets.randbelow(9 * 10**17) for each in numbers}
        self._is_told = False

    def render(self, context: Context) -> SafeString:
        values = [value.resolve(context) for value in self._values.values()]
        put = {name: value.resolve(context) for name, value in self._numbers.items()}
        token = str(context.get("csrf_token") or "")
        try:
            told = tuple(map(_told_apart, values))
            _refuse_words(put)
        except TypeError as error:
            self._say_once(error)
            return self._draw(context, values, put, token)
        zone = timezone.get_current_timezone()
        # Times are told by the day they are read on.
        page = get_language(), zone, today_in(zone), bool(token)
        key = self._name, tuple(self._values), tuple(self._numbers), page, told
        drawn = kept.get(key)
        if drawn is None:
            drawn = self._with_places(context, values, token)
            kept.put(key, drawn)
        return SafeString(drawn % (put | {"csrf_token": token}))

    def _say_once(self, error: TypeError) -> None:
        if not self._is_told:
            self._is_told = True
            logger.warning("part_not_kept", template=self._name, why=str(error))

    def _with_places(self, context: Context, values: list[Any], token: str) -> str:
        """Drawn, with a place for each number and the token."""
        whole = self._draw(context, values, self._stand_ins, _TOKEN if token else "")
        drawn = whole.replace("%", "%%").replace(_TOKEN, "%(csrf_token)s")
        for name, number in self._stand_ins.items():
            drawn = drawn.replace(str(number), f"%({name})d")
        return drawn

    def _draw(
        self, context: Context, values: list[Any], put: dict[str, int], token: str
    ) -> SafeString:
        given = dict(zip(self._values, values, strict=True)) | put | {"csrf_token": token}
        return self._part.resolve(context).render(Context(given))


def _refuse_words(put: Mapping[str, Any]) -> None:
    """TypeError for what a place for a number cannot take."""
    for name, number in put.items():
        if type(number) is not int:
            raise TypeError(f"{name} is no whole number")


def today_in(zone: tzinfo) -> date:
    return _day(zone, int(time.time()) // _STEP)


@lru_cache(maxsize=256)
def _day(zone: tzinfo, step: int) -> date:
    return datetime.fromtimestamp(step * _STEP, zone).date()


def _told_apart(value: Any) -> Any:
    """With its class: words that are safe to show equal the same ones that are not, 1 equals True.
    TypeError for what can change and still be equal to what it was, as rows of the database can,
    and for what can be equal and be shown in another way, as times can."""
    kind = type(value)
    if kind in _STEADY:
        return kind, value
    if kind is tuple:
        return tuple(map(_told_apart, value))
    raise TypeError(f"cannot be kept: {kind.__name__}")
