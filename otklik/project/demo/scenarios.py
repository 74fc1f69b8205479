"""Reading the talks in ``talks/*.txt``.

A talk begins with ``=== name`` and header lines, then steps, each a line in brackets and its text:

    [customer]            the requester writes; the first step of every talk
    [customer +photo]     with a file: photo, act, invoice or certificate
    [reply], [reply solved|pending|hold]
    [note]                for staff only
    [transfer service]    to another team, the text is the reason
    [priority high], [solve]

``after=2d`` (d, h or m) in the brackets says how long after the step before. In texts
``{a|b}`` is one of both, ``{machine}`` a word of the customer's or the talk's own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("talks")
_INNERMOST = re.compile(r"\{([^{}]*)\}")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True, slots=True)
class Step:
    """``what``: customer, reply, note, transfer, priority or solve; ``word`` is its argument."""

    what: str
    word: str = ""
    text: str = ""
    file: str = ""
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    subject: str
    category: str
    kind: str = "question"
    team: str = "care"
    priority: str = "normal"
    channel: str = "email"
    language: str = "ru"
    who: str = "house"  # house, home or any
    mailbox: str = "support"
    weight: int = 2
    tags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=())


@cache
def list_scenarios() -> tuple[Scenario, ...]:
    """Raises ValueError naming the file and talk that cannot be read."""
    found: list[Scenario] = []
    for path in sorted(_FOLDER.glob("*.txt")):
        for part in path.read_text("utf-8").split("=== ")[1:]:
            try:
                found.append(_read(part))
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"{path.name}: {part[:40]!r}: {error}") from error
    return tuple(found)


def fill(text: str, words: Mapping[str, str], dice: random.Random) -> str:
    """Choose between alternatives and put words in. Raises KeyError for a word nobody knows."""

    def replace(match: re.Match[str]) -> str:
        inner = match[1]
        return dice.choice(inner.split("|")) if "|" in inner else words[inner]

    while _INNERMOST.search(text):
        text = _INNERMOST.sub(replace, text)
    return text


def _read(part: str) -> Scenario:
    head, *rest = re.split(r"^\[", part, flags=re.MULTILINE)
    name, *lines = head.strip().splitlines()
    header = dict(line.split(": ", 1) for line in lines if line.strip())
    tags = tuple(tag.strip() for tag in header.pop("tags", "").split(",") if tag.strip())
    weight = int(header.pop("weight", "2"))
    steps = tuple(_read_step(each) for each in rest)
    if not steps or steps[0].what != "customer":
        raise ValueError("a talk begins with the customer")
    return Scenario(name=name.strip(), tags=tags, weight=weight, steps=steps, **header)


def _read_step(part: str) -> Step:
    inside, text = part.split("]", 1)
    what, *words = inside.split()
    word, file, after = "", "", None
    for each in words:
        if each.startswith("+"):
            file = each[1:]
        elif each.startswith("after="):
            after = timedelta(**{_UNITS[each[-1]]: float(each[6:-1])})
        else:
            word = each
    return Step(what, word, text.strip(), file, after)
