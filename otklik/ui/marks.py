"""Small drawings that carry meaning by shape: states, ranks, rings, avatars, icons.

Every function returns safe HTML and is cheap enough for a read model to call once per row, so that
list templates need no tags. A mark with a ``label`` is an image with that name; without one it is
decoration beside words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from otklik.ui.assets import icon_drawing

HUES = 36
# What turns the letters after it round, or only says in which direction they go.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_STATES = {
    "disc-hole": (
        "accent",
        '<circle cx="8" cy="8" r="7" fill="currentColor"/>'
        '<circle class="mark-knock" cx="8" cy="8" r="2.4"/>',
    ),
    "half": (
        "accent",
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.7"/>'
        '<path d="M8 4.2a3.8 3.8 0 0 1 0 7.6z" fill="currentColor"/>',
    ),
    "dots": (
        "warn",
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.7"/>'
        '<circle cx="5.1" cy="8" r="1" fill="currentColor"/>'
        '<circle cx="8" cy="8" r="1" fill="currentColor"/>'
        '<circle cx="10.9" cy="8" r="1" fill="currentColor"/>',
    ),
    "bars": (
        "quiet",
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.7"/>'
        '<path d="M6.4 5.8v4.4M9.6 5.8v4.4" stroke="currentColor" stroke-width="1.6"'
        ' stroke-linecap="round"/>',
    ),
    "tick": (
        "ok",
        '<circle cx="8" cy="8" r="7" fill="currentColor"/>'
        '<path class="mark-knock-line" d="m4.9 8.3 2.1 2.1 4.1-4.4" stroke-width="1.8"'
        ' stroke-linecap="round" stroke-linejoin="round"/>',
    ),
    "dash": (
        "quiet",
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.7"/>'
        '<path d="M5.3 8h5.4" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>',
    ),
    "dashed": (
        "quiet",
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"'
        ' stroke-dasharray="2.4 2.47"/>',
    ),
    "late": (
        "danger",
        '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.7"/>'
        '<path d="M8 4.7v3.9M8 11v.2" stroke="currentColor" stroke-width="1.7"'
        ' stroke-linecap="round"/>',
    ),
}


def _bars(filled: int) -> str:
    faint = ' class="mark-faint"'
    bars = ((1.5, 9.5, 4.5), (6.25, 6, 8), (11, 2, 12))
    return "".join(
        f'<rect{"" if number < filled else faint} x="{x}" y="{y}" width="3.6" height="{height}"'
        ' rx=".9" fill="currentColor"/>'
        for number, (x, y, height) in enumerate(bars)
    )


_RANKS = {
    "bars-1": ("ink", _bars(1)),
    "bars-2": ("ink", _bars(2)),
    "bars-3": ("ink", _bars(3)),
    "square-bang": (
        "danger",
        '<rect x="1" y="1" width="14" height="14" rx="3.2" fill="currentColor"/>'
        '<path class="mark-knock-line" d="M8 4.2v4.4M8 11.5v.2" stroke-width="2"'
        ' stroke-linecap="round"/>',
    ),
}


def status_mark(shape: str, label: str = "") -> SafeString:
    """A state by shape: disc-hole, half, dots, bars, tick, dash, dashed or late."""
    return _mark("status", shape, str(label))


def priority_mark(shape: str, label: str = "") -> SafeString:
    """A rank by shape: bars-1, bars-2, bars-3 or square-bang."""
    return _mark("rank", shape, str(label))


@lru_cache(maxsize=512)
def _mark(family: str, shape: str, label: str) -> SafeString:
    tone, drawing = (_STATES if family == "status" else _RANKS)[shape]
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(  # noqa: S308 - drawings are ours, the label is escaped
        f'<svg class="mark mark-{tone}" viewBox="0 0 16 16" {named}>{drawing}</svg>'
    )


def ring(left: float, label: str = "") -> SafeString:
    """A ring that empties: ``left`` is the share of time that remains, 0 to 1."""
    return _ring(round(max(0.0, min(1.0, left)) * 20), str(label))


@lru_cache(maxsize=256)
def _ring(steps: int, label: str) -> SafeString:
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(  # noqa: S308
        f'<svg class="mark" viewBox="0 0 16 16" {named}>'
        '<circle class="mark-faint" cx="8" cy="8" r="6" fill="none" stroke="currentColor"'
        ' stroke-width="2"/><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor"'
        f' stroke-width="2" pathLength="20" stroke-dasharray="{steps} 20"'
        ' transform="rotate(-90 8 8)"/></svg>'
    )


def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """An icon by its lucide name; sizes 14, 16, 20, 24. Raises ``UnknownAsset``."""
    return _icon(name, icon_drawing(name), size, str(label))


@lru_cache(maxsize=512)
def _icon(name: str, drawing: str, size: int, label: str) -> SafeString:
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    sized = "" if size == 16 else f" icon-{size}"
    return mark_safe(  # noqa: S308
        f'<svg class="icon{sized}" viewBox="0 0 24 24" {named}>{drawing}</svg>'
    )


def initials(name: str) -> str:
    """Up to two capital letters: «Ольга Нестерова» → ОН, «Кофейня "Полдень"» → КП."""
    words = [word for word in ("".join(c if c.isalnum() else " " for c in name)).split() if word]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:1] for word in words]
    return "".join(letters).upper()


def hue_class(seed: object) -> str:
    """The class of one of 36 hues, the same for the same id; neighbours differ clearly."""
    number = seed if isinstance(seed, int) else sum(ord(letter) for letter in str(seed))
    return f"hue-{number * 11 % HUES}"


def avatar(name: str, seed: object = None, size: int = 28, picture: str = "") -> SafeString:
    """A round portrait or initials; an empty ``name`` is nobody: a dashed circle.

    Decoration: the name stands beside it. ``seed`` is the person's id; sizes 18, 28, 40.
    """
    sized = f" avatar-{size}"
    if not name:
        return format_html(
            '<span class="avatar avatar-nobody{}" role="img" aria-label="{}">{}</span>',
            sized,
            gettext("Nobody"),
            icon("user"),
        )
    return _portrait(name, hue_class(name if seed is None else seed), sized, picture)


@lru_cache(maxsize=512)
def _portrait(name: str, hue: str, sized: str, picture: str) -> SafeString:
    inner = format_html('<img src="{}" alt="">', picture) if picture else initials(name)
    return format_html('<span class="avatar{} {}" aria-hidden="true">{}</span>', sized, hue, inner)


def file_name(name: str) -> SafeString:
    """A file's name whose ending stays in sight however long it is and in whichever direction it
    is written: what stands before it can neither cut it off nor turn it round. Readers of the
    screen are given it whole, not in the two parts."""
    shown = _DIRECTIONS.sub("", name)
    stem, dot, ending = shown.rpartition(".")
    if not stem or len(ending) > 12:
        return format_html(
            '<span class="file-name"><bdi class="truncate" dir="auto">{}</bdi></span>', shown
        )
    return format_html(
        '<span class="file-name"><span class="visually-hidden">{}</span>'
        '<bdi class="truncate" dir="auto" aria-hidden="true">{}</bdi>'
        '<bdi dir="ltr" aria-hidden="true">{}</bdi></span>',
        shown,
        stem,
        f"{dot}{ending}",
    )
