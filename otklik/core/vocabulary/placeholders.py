"""Placeholders: `{{ticket.number}}`, `{{person.name|colleague}}`. No logic, no attribute access.

A text written by a user is filled from plain values only: strings, numbers and dates in nested
mappings. What is missing takes the fall-back after the bar, else nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise

# One pass, no nesting, bounded lengths: linear in the text whatever it holds.
_PLACEHOLDER = re.compile(r"\{\{\s{0,9}([a-z][a-z0-9_.]{0,79})\s{0,9}(?:\|([^{}]{0,200}))?\}\}")
MAX_TEMPLATE = 100_000


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One that exists, for pickers and checks; ``name`` is "ticket.number"."""

    name: str
    label: str | Promise


_placeholders: dict[str, Placeholder] = {}


def register_placeholder(name: str, label: str | Promise) -> None:
    _placeholders[name] = Placeholder(name, label)


def list_placeholders() -> list[Placeholder]:
    return [_placeholders[name] for name in sorted(_placeholders)]


def names_in(template: str) -> list[str]:
    """The placeholders a text uses, each once, in order."""
    return list(dict.fromkeys(match[1] for match in _PLACEHOLDER.finditer(template)))


def render_text(template: str, context: Mapping[str, Any]) -> str:
    """Fill a plain text."""
    return _render(template, context, lambda value: value)


def render_html(template: str, context: Mapping[str, Any]) -> str:
    """Fill an HTML text; values are escaped, the template itself is trusted as sanitised."""
    return _render(template, context, lambda value: escape(value, quote=True))


def _render(template: str, context: Mapping[str, Any], target: Callable[[str], str]) -> str:
    def fill(match: re.Match[str]) -> str:
        value = _spell(_look_up(context, match[1]))
        return target(value or (match[2] or "").strip())

    return _PLACEHOLDER.sub(fill, template[:MAX_TEMPLATE])


def _look_up(context: Mapping[str, Any], name: str) -> Any:
    value: Any = context
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def _spell(value: Any) -> str:
    """Dates in the active language and zone; anything that is no plain value is nothing."""
    if value is None or isinstance(value, Mapping | bool):
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return formats.date_format(local, "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, str | int | float | Promise):
        return str(value)
    return ""
