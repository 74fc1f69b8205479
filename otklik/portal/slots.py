"""Where rooms above put things into the portal: its menu and its home page.

A home section is a template with the context its function gives for the visit; None leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from otklik.portal.visit import Visit


@dataclass(frozen=True, slots=True)
class MenuItem:
    """``url_name`` is reversed without arguments."""

    name: str
    label: str | Promise
    url_name: str
    order: int

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class HomeSection:
    name: str
    template: str
    context: Callable[[Visit], Mapping[str, Any] | None]
    order: int


_menu: dict[str, MenuItem] = {}
_sections: dict[str, HomeSection] = {}


def register_menu_item(name: str, label: str | Promise, url_name: str, *, order: int = 100) -> None:
    _menu[name] = MenuItem(name, label, url_name, order)


def register_home_section(
    name: str,
    template: str,
    context: Callable[[Visit], Mapping[str, Any] | None],
    *,
    order: int = 100,
) -> None:
    _sections[name] = HomeSection(name, template, context, order)


def list_menu() -> list[MenuItem]:
    return sorted(_menu.values(), key=lambda item: (item.order, item.name))


def list_home_sections() -> list[HomeSection]:
    return sorted(_sections.values(), key=lambda section: (section.order, section.name))


def wire() -> None:
    register_menu_item("home", _("Help"), "portal:home", order=10)
    register_menu_item("new", _("New request"), "portal:new", order=20)
    register_menu_item("requests", _("My requests"), "portal:requests", order=30)
