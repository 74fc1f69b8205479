"""Tags as a whole: merged into one another, removed, and back again.

Which tag a ticket wears is moved in the background, a few rows at a time, and ``merged_from``
remembers what it was: a merge of a tag on a hundred thousand tickets is undone the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid, Missing
from otklik.core.db import action
from otklik.core.db.briefly import forget_after_commit
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line, sort_key
from otklik.tickets import permissions
from otklik.tickets.events import TagRemoved, TagRenamed
from otklik.tickets.models import Tag
from otklik.tickets.tag_events import TagMerged, TagRestored, TagUnmerged


@action
def merge_tags(actor: Actor, source: Tag, into: Tag) -> None:
    """From now on ``source`` is only another spelling of ``into``; tickets follow. Can be undone.

    Raises Forbidden, and Invalid for a tag and itself and for one that is merged already.
    """
    _demand(actor)
    held = _held(source)
    target = _held(into)
    if held.pk == target.pk:
        words = _("Choose another tag to merge into.")
        raise Invalid(words, fields={"into": words})
    if held.merged_into_id is not None or target.merged_into_id is not None or target.removed_at:
        words = _("This tag is merged or removed already.")
        raise Invalid(words, fields={"into": words})
    operation = join(actor, "tickets.merge_tags")
    journal(operation, held, "merged_into_id", None, target.pk)
    _set_merged(actor.within(operation.pk), held, target.pk)


@action
def remove_tag(actor: Actor, tag: Tag) -> None:
    """Take it off every screen; tickets show it again when that is undone. Raises Forbidden."""
    _demand(actor)
    held = _held(tag)
    if held.removed_at is not None:
        return
    operation, now = join(actor, "tickets.remove_tag"), timezone.now()
    journal(operation, held, "removed_at", None, now)
    _set_removed(actor.within(operation.pk), held, now)


@action
def rename_tag(actor: Actor, tag: Tag, name: str) -> Tag:
    """Raises Forbidden, and Invalid for a name that another tag has."""
    _demand(actor)
    held = _held(tag)
    wanted = clean_line(name.strip("#,; "))
    if not wanted or len(wanted) > 60:
        words = _("Between 1 and %(count)d characters.") % {"count": 60}
        raise Invalid(words, fields={"name": words})
    if wanted == held.name:
        return held
    if Tag.every.filter(key=sort_key(wanted, 60)).exclude(pk=held.pk).exists():
        words = _("Another tag has this name.")
        raise Invalid(words, fields={"name": words})
    operation = join(actor, "tickets.rename_tag")
    journal(operation, held, "name", held.name, wanted)
    _set_name(actor.within(operation.pk), held, wanted)
    tag.name, tag.key = held.name, held.key
    return tag


@action
def describe_tag(
    actor: Actor, tag: Tag, hint: str | None = None, *, hints: Mapping[str, str] | None = None
) -> Tag:
    """When to use it, for those who choose; ``hints``: language → words there. What is None stays.
    Raises Forbidden and Invalid."""
    _demand(actor)
    held = _held(tag)
    if hint is not None:
        held.hint = clean_line(hint, 300)
    if hints is not None:
        held.hints = clean_words(hints, 300, "hints")
    held.save(update_fields=["hint", "hints"])
    record(actor, TagRenamed(tag_id=held.pk))
    return held


def restore_tag(actor: Actor, pk: int, field: str, value: Any) -> None:
    """The undo of each of these."""
    held = Tag.every.select_for_update().filter(pk=pk).first()
    if held is None:
        raise Missing(_("There is no such tag."))
    if field == "name":
        _demand_free(held, str(value))
        _set_name(actor, held, str(value))
    elif field == "merged_into_id":
        _set_merged(actor, held, value)
    elif field == "removed_at":
        at = parse_datetime(value) if value else None
        if at is None:
            _demand_free(held, held.name)
        _set_removed(actor, held, at)


def _set_merged(actor: Actor, held: Tag, into: int | None) -> None:
    from otklik.tickets.tag_tasks import move_tags

    before = held.merged_into_id
    held.merged_into_id = into
    held.save(update_fields=["merged_into"])
    forget_after_commit()
    move_tags.enqueue(tag_id=held.pk)
    if into is not None:
        record(actor, TagMerged(tag_id=held.pk, into_id=into))
    elif before is not None:
        record(actor, TagUnmerged(tag_id=held.pk, from_id=before))


def _set_removed(actor: Actor, held: Tag, at: Any) -> None:
    """A name that is removed is free for a new tag."""
    held.removed_at = at
    held.key = f"\x01{held.pk}" if at else sort_key(held.name, 60)
    held.save(update_fields=["removed_at", "key"])
    forget_after_commit()
    record(actor, TagRemoved(tag_id=held.pk) if at else TagRestored(tag_id=held.pk))


def _set_name(actor: Actor, held: Tag, name: str) -> None:
    held.name, held.key = name, sort_key(name, 60)
    held.save(update_fields=["name", "key"])
    forget_after_commit()
    record(actor, TagRenamed(tag_id=held.pk))


def _demand_free(held: Tag, name: str) -> None:
    if Tag.every.filter(key=sort_key(name, 60)).exclude(pk=held.pk).exists():
        raise Conflict(_("Another tag has this name."))


def _held(tag: Tag) -> Tag:
    return Tag.every.select_for_update().get(pk=tag.pk)


def _demand(actor: Actor) -> None:
    if not actor.can(permissions.MANAGE):
        raise Forbidden(_("Only an administrator may change this."))
