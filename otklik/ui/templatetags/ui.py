"""The template library ``ui``: icons, marks, times, fields, menus, built files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.crypto import get_random_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from otklik.kit.units import human_size
from otklik.ui import marks
from otklik.ui.assets import asset_url
from otklik.ui.fields import render_field
from otklik.ui.kept import KeptNode, today_in

register = template.Library()

register.simple_tag(marks.icon, name="icon")
register.simple_tag(marks.status_mark, name="status_mark")
register.simple_tag(marks.priority_mark, name="priority_mark")
register.simple_tag(marks.ring, name="ring")
register.simple_tag(asset_url, name="asset")
register.simple_tag(marks.file_name, name="file_name")
register.filter("initials", marks.initials)
register.filter("hue_class", marks.hue_class)
register.filter("human_size", human_size)


@register.simple_tag
def avatar(person: Any = None, size: int = 28, seed: object = None) -> SafeString:
    """``{% avatar person size=18 %}``: a person-like (``name``, ``pk``), a plain name, or None."""
    if person is None or person == "":
        return marks.avatar("", size=size)
    if isinstance(person, str):
        return marks.avatar(person, seed, size)
    known = getattr(person, "pk", None) or getattr(person, "id", None)
    return marks.avatar(str(getattr(person, "name", person)), seed or known, size)


@register.simple_tag
def largest_file() -> int:
    """Bytes a file may have, for scripts that say so before they send it."""
    return settings.LARGEST_FILE


@register.simple_tag
def largest_file_words() -> str:
    return human_size(settings.LARGEST_FILE)


@register.simple_tag
def when(moment: datetime | None, style: str = "auto") -> SafeString | str:
    """A time in the reader's zone. ``style``: auto (today, 11:52), time, date, full, relative.

    The absolute time is in the page; ``relative`` is what the script turns it into.
    """
    if moment is None:
        return ""
    zone = timezone.get_current_timezone()
    return _time(moment, moment.tzinfo, style, zone, today_in(zone), get_language())


@lru_cache(maxsize=4096)
def _time(
    moment: datetime,
    _written_in: tzinfo | None,
    style: str,
    zone: tzinfo,
    _today: date,
    _language: str | None,
) -> SafeString:
    """Of the same moments, which every page that is open shows again after each change."""
    local = timezone.localtime(moment, zone)
    full = formats.date_format(local, "DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" data-when="{}" title="{}">{}</time>',
        moment.isoformat(),
        style,
        full,
        moment_words(local, style),
    )


def moment_words(local: datetime, style: str = "auto") -> str:
    """The words for a local time: 11:52 · today, 11:52 · 14 May · 14 May 2025."""
    clock = f"{local.hour:02}:{local.minute:02}"
    if style == "time":
        return clock
    if style == "full":
        return formats.date_format(local, "DATETIME_FORMAT")
    today = timezone.localdate()
    day = local.date()
    if style != "date":
        named = {
            today: gettext("today, %(time)s"),
            today - timedelta(days=1): gettext("yesterday, %(time)s"),
            today + timedelta(days=1): gettext("tomorrow, %(time)s"),
        }.get(day)
        if named:
            return named % {"time": clock}
    pattern = "j E" if day.year == today.year else "j E Y"
    return _day_words(day, pattern, get_language())


@lru_cache(maxsize=2048)
def _day_words(day: date, pattern: str, _language: str | None) -> str:
    return formats.date_format(day, pattern).replace(" ", "\u00a0")


@register.filter
def options(choices: Iterable[tuple[Any, str]], chosen: object = None) -> SafeString:
    """``<option>``s of pairs of a value and its words: a menu of two hundred agents, several of
    which a page has, costs a template more than all else on it."""
    written = _written(tuple(choices))
    lines = [line for _value, line in written]
    for at, (value, line) in enumerate(written):
        if value == chosen:
            lines[at] = line.replace(">", " selected>", 1)
    return mark_safe("".join(lines))  # noqa: S308 - each line is escaped


@lru_cache(maxsize=64)
def _written(choices: tuple[tuple[Any, str], ...]) -> tuple[tuple[Any, str], ...]:
    return tuple(
        (value, f'<option value="{escape(value)}">{escape(words)}</option>')
        for value, words in choices
    )


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """A form field: label above, help below, the error in help's place, optional marked."""
    return render_field(bound, **options)


class MenuNode(template.Node):
    """The opener and the popover around a list of ``.menu-item``s."""

    def __init__(self, options: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.options = options
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        options = {name: value.resolve(context) for name, value in self.options.items()}
        options.setdefault("id", f"menu-{get_random_string(6)}")
        options["items"] = self.nodelist.render(context)
        return render_to_string("ui/components/menu.html", options)


@register.tag
def menu(parser: Parser, token: Token) -> MenuNode:
    """``{% menu label=… icon="ellipsis" id=… css="button-quiet" show_label=True %}…{% endmenu %}``.

    Inside: ``<button class="menu-item" role="menuitem">`` or ``<a class="menu-item" …>``.
    Give an ``id`` where the page is morphed, so that an open menu stays itself.
    """
    bits = token.split_contents()[1:]
    options = token_kwargs(bits, parser)
    if bits or "label" not in options:
        raise template.TemplateSyntaxError("menu takes label=… and other keywords only")
    nodelist = parser.parse(("endmenu",))
    parser.delete_first_token()
    return MenuNode(options, nodelist)


@register.tag("kept")
def keep(parser: Parser, token: Token) -> KeptNode:
    """``{% kept "name.html" is_pinned=said.is_pinned put number=ticket.number %}``: a part that is
    drawn anew only where one of the values is another (`otklik.ui.kept`). It sees nothing else.

    Values: words, whole numbers, yes and no, and tuples of such. After ``put`` come whole numbers
    that the template only writes, bare: in an address or by ``stringformat:"d"``. They do not
    make it another part.
    """
    name, *bits = token.split_contents()[1:] or [""]
    at = bits.index("put") if "put" in bits else len(bits)
    said, numbers = bits[:at], bits[at + 1 :]
    values, put = token_kwargs(said, parser), token_kwargs(numbers, parser)
    if said or numbers or not name.startswith(("'", '"')):
        raise template.TemplateSyntaxError("kept takes a quoted name and keywords only")
    return KeptNode(name[1:-1], values, put)
