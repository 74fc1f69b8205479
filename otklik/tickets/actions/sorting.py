"""What tickets are sorted by: the tree of categories, tags."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line
from otklik.tickets import permissions
from otklik.tickets.events import (
    CategoryChanged,
    CategoryCreated,
)
from otklik.tickets.models import Category

MAX_DEPTH = 5


@action
def create_category(
    actor: Actor,
    *,
    name: str,
    parent: Category | None = None,
    labels: Mapping[str, str] | None = None,
    is_active: bool = True,
) -> Category:
    """``labels``: language → name there. Raises Forbidden and Invalid."""
    demand_sorting(actor)
    category = Category(
        name=_name(name, 100), labels=clean_words(labels or {}, 100, "labels"), is_active=is_active
    )
    category.position = Category.objects.filter(parent=parent).count()
    _place(category, parent)
    record(actor, CategoryCreated(category_id=category.pk))
    return category


@action
def change_category(
    actor: Actor,
    category: Category,
    *,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    parent: Category | None = None,
    is_active: bool | None = None,
) -> Category:
    """All of it at once, as its form has it; ``parent`` None moves it to the top.

    One that is not active stays on its tickets and is offered for no other. Raises Forbidden and
    Invalid.
    """
    demand_sorting(actor)
    current = Category.objects.select_for_update().get(pk=category.pk)
    if name is not None:
        current.name = _name(name, 100)
    if labels is not None:
        current.labels = clean_words(labels, 100, "labels")
    if is_active is not None:
        current.is_active = is_active
    if parent is not None and f"/{current.pk}/" in parent.path:
        words = _("A category cannot be below itself.")
        raise Invalid(words, fields={"parent": words})
    _place(current, parent)
    record(actor, CategoryChanged(category_id=current.pk))
    return current


def _place(category: Category, parent: Category | None) -> None:
    """Save it below ``parent``, its whole branch along."""
    depth = parent.path.count("/") if parent else 0
    if depth > MAX_DEPTH:
        words = _("Categories go %(count)d levels deep at most.") % {"count": MAX_DEPTH}
        raise Invalid(words, fields={"parent": words})
    before = category.path
    category.parent = parent
    category.save()
    category.path = f"{parent.path if parent else '/'}{category.pk}/"
    category.save(update_fields=["path"])
    if before and before != category.path:
        for below in Category.objects.filter(path__startswith=before).exclude(pk=category.pk):
            below.path = category.path + below.path.removeprefix(before)
            below.save(update_fields=["path"])


def _name(value: str, length: int) -> str:
    name = clean_line(value)
    if not name or len(name) > length:
        words = _("Between 1 and %(count)d characters.") % {"count": length}
        raise Invalid(words, fields={"name": words})
    return name


def demand_sorting(actor: Actor) -> None:
    if not actor.can(permissions.MANAGE):
        raise Forbidden(_("Only an administrator may change this."))
