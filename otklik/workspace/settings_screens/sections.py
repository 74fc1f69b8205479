"""What the settings consist of. Rooms above add their own page from ``apps.ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.core.access import Actor

OWN = "own"
GROUPS: dict[str, str | Promise] = {
    OWN: _("My account"),
    "company": _("Company"),
    "people": _("People"),
    "accounts": _("Connections"),
    "work": pgettext_lazy("settings", "How we work"),
    "foot": "",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One line of the settings' navigation. ``url`` is a url name, with ``arguments``.

    What is in the group ``OWN`` is every agent's own and asks for no permission.
    ``is_shown`` leaves a section out where it has no use, such as a tray that is not in use.
    """

    name: str
    group: str
    label: str | Promise
    icon: str
    url: str
    permissions: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    order: int = 100
    is_shown: Callable[[], bool] = field(default=lambda: True)

    def path(self) -> str:
        return reverse(self.url, args=self.arguments)


@dataclass(frozen=True, slots=True)
class WayIn:
    """What the set-up wizard offers to connect first. ``url`` is a url name."""

    name: str
    label: str | Promise
    help: str | Promise
    icon: str
    url: str

    def path(self) -> str:
        return reverse(self.url)


_sections: dict[str, Section] = {}
_ways_in: dict[str, WayIn] = {}


def register_way_in(way: WayIn) -> None:
    _ways_in[way.name] = way


def list_ways_in() -> list[WayIn]:
    return list(_ways_in.values())


def register_section(section: Section) -> None:
    """Raises ValueError for a group there is not."""
    if section.group not in GROUPS:
        raise ValueError(f"no group of settings: {section.group!r}")
    _sections[section.name] = section


def list_sections(actor: Actor) -> list[tuple[str | Promise, str, list[Section]]]:
    """(words, code, sections) of each group that has something for this one."""
    open_ones = [
        each
        for each in sorted(_sections.values(), key=lambda each: (each.order, each.name))
        if _is_open(each, actor) and each.is_shown()
    ]
    grouped = [
        (words, code, [each for each in open_ones if each.group == code])
        for code, words in GROUPS.items()
    ]
    return [group for group in grouped if group[2]]


def may_open_settings(actor: Actor) -> bool:
    """Whether there is anything in the settings for this one: then the link to them is shown."""
    return actor.is_staff and any(code != OWN for _words, code, _lines in list_sections(actor))


def _is_open(section: Section, actor: Actor) -> bool:
    if section.group == OWN:
        return actor.is_staff
    return any(actor.can(permission) for permission in section.permissions)
