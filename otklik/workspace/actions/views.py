"""Keeping views: anybody for themselves, for teams and roles who may share them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations import register_undo
from otklik.core.operations.actions import join, journal
from otklik.core.vocabulary.language import Query
from otklik.kit.text import clean_line
from otklik.people.models import Person, Role, Team
from otklik.tickets.queries import SORTS
from otklik.workspace.events import ViewChanged, ViewCreated, ViewRemoved, ViewRestored
from otklik.workspace.models import View, ViewPlace, ViewScope
from otklik.workspace.permissions import SHARE_VIEWS
from otklik.workspace.queries.layouts import GROUPINGS, LAYOUTS, known_columns
from otklik.workspace.queries.views import query_of_view

MOST_OWN = 100
MOST_SHARED = 300
_JOURNALLED = ("name", "query", "columns", "sort", "grouping", "layout")


def may_change_view(actor: Actor, view: View) -> bool:
    if view.scope == ViewScope.PERSONAL:
        return view.owner_id is not None and view.owner_id == actor.person_id
    return actor.can(SHARE_VIEWS)


@action
def create_view(
    actor: Actor,
    *,
    name: str,
    query: Query,
    scope: str = ViewScope.PERSONAL,
    team: Team | None = None,
    role: Role | None = None,
    **look: Any,
) -> View:
    """``look``: columns, sort, grouping, layout, by their codes. Raises Forbidden and Invalid."""
    view = View(created_by_id=actor.person_id)
    _give(view, actor, scope=scope, team=team, role=role)
    _describe(view, name=name, query=as_stored(query), **look)
    rows = View.objects.filter(removed_at__isnull=True)
    own = rows.filter(scope=ViewScope.PERSONAL, owner_id=view.owner_id)
    counted, most = (
        (own, MOST_OWN) if view.owner_id else (rows.exclude(owner_id__gt=0), MOST_SHARED)
    )
    if counted.count() >= most:
        raise Invalid(_("There are %(most)d views already. Remove one first.") % {"most": most})
    view.save()
    record(actor, ViewCreated(view.pk, view.scope))
    return view


@action
def change_view(actor: Actor, view: View, *, version: int | None = None, **changes: Any) -> View:
    """Change name, query, columns, sort, grouping, layout, or whom it is for (scope, team, role).

    ``version`` is what the writer saw: another change in between raises Conflict with theirs.
    Raises Forbidden and Invalid.
    """
    current = View.objects.select_for_update().get(pk=view.pk)
    _demand(actor, current)
    if version is not None and version != current.version:
        raise Conflict(
            _("Somebody changed this view in the meantime. Look at it before you save."),
            fields={"version": current.version, "name": current.name},
        )
    before = {name: getattr(current, name) for name in _JOURNALLED}
    given = (current.scope, current.team_id, current.role_id)
    if "scope" in changes:
        wanted = {"team": changes.pop("team", None), "role": changes.pop("role", None)}
        _give(current, actor, scope=changes.pop("scope"), **wanted)
    if isinstance(changes.get("query"), Query):
        changes["query"] = as_stored(changes["query"])
    _describe(current, **{name: getattr(current, name) for name in _JOURNALLED} | changes)
    changed = [name for name in _JOURNALLED if getattr(current, name) != before[name]]
    if (current.scope, current.team_id, current.role_id) != given:
        changed.append("scope")
    if changed:
        operation = join(actor, "views.change")
        for name in changed:
            if name in before:
                journal(operation, current, name, before[name], getattr(current, name))
        _save(actor.within(operation.pk), current, changed)
    return current


@action
def remove_view(actor: Actor, view: View) -> None:
    """It is in nobody's navigation any more; undoing brings it back as it was."""
    current = View.objects.select_for_update().get(pk=view.pk)
    _demand(actor, current)
    if current.removed_at is not None:
        return
    current.removed_at = timezone.now()
    current.save(update_fields=["removed_at"])
    operation = join(actor, "views.remove")
    journal(operation, current, "removed_at", None, current.removed_at)
    record(actor.within(operation.pk), ViewRemoved(view.pk))


def copy_view(actor: Actor, view: View) -> View:
    """One's own view that says the same."""
    return create_view(
        actor,
        name=(_("%(name)s, copy") % {"name": view.name})[:100],
        query=query_of_view(view),
        columns=view.columns,
        sort=view.sort,
        grouping=view.grouping,
        layout=view.layout,
    )


@action
def hide_view(actor: Actor, view: View, *, is_hidden: bool) -> None:
    """Out of one's own navigation, or back. Where one has a view is no fact."""
    if actor.person_id is None:
        raise Forbidden(_("Only a person has a navigation."))
    ViewPlace.objects.update_or_create(
        person_id=actor.person_id, view=view, defaults={"is_hidden": is_hidden}
    )


@action
def order_views(actor: Actor, views: Sequence[View]) -> None:
    """One's own order, the first ones as given."""
    if actor.person_id is None:
        raise Forbidden(_("Only a person has a navigation."))
    for position, view in enumerate(views):
        ViewPlace.objects.update_or_create(
            person_id=actor.person_id, view=view, defaults={"position": position}
        )


def as_stored(query: Query) -> dict[str, Any]:
    return {"match": query.match.as_json(), "words": query.words}


def wire() -> None:
    register_undo("workspace.View", _restore)


def _restore(actor: Actor, view_id: int, field: str, value: Any) -> None:
    view = View.objects.select_for_update().get(pk=view_id)
    _demand(actor, view)
    if field == "removed_at":
        view.removed_at = parse_datetime(value) if value else None
        view.save(update_fields=["removed_at"])
        record(actor, ViewRemoved(view.pk) if value else ViewRestored(view.pk))
        return
    setattr(view, field, value)
    _save(actor, view, [field])


def _save(actor: Actor, view: View, changed: Iterable[str]) -> None:
    view.version += 1
    view.updated_at = timezone.now()
    view.save()
    record(actor, ViewChanged(view.pk, tuple(sorted(changed))))


def _demand(actor: Actor, view: View) -> None:
    if not may_change_view(actor, view):
        raise Forbidden(_("Only those who share views may change this one."))


def _give(view: View, actor: Actor, *, scope: str, team: Team | None, role: Role | None) -> None:
    """Whose it is."""
    if scope not in ViewScope.values:
        raise Invalid(_("Choose who it is for."), fields={"scope": _("Choose from the list.")})
    if scope != ViewScope.PERSONAL and not actor.can(SHARE_VIEWS):
        words = _("Your role does not allow sharing views. An administrator can change that.")
        raise Forbidden(words, fields={"scope": words})
    person = Person.objects.filter(pk=actor.person_id or 0).first()
    if scope == ViewScope.PERSONAL and person is None:
        raise Forbidden(_("Only a person has views of their own."))
    if scope == ViewScope.TEAM and team is None:
        raise Invalid(_("Choose a team."), fields={"team": _("Choose a team.")})
    if scope == ViewScope.ROLE and role is None:
        raise Invalid(_("Choose a role."), fields={"role": _("Choose a role.")})
    view.scope = scope
    view.owner = person if scope == ViewScope.PERSONAL else None
    view.team = team if scope == ViewScope.TEAM else None
    view.role = role if scope == ViewScope.ROLE else None


def _describe(
    view: View,
    *,
    name: str,
    query: dict[str, Any],
    columns: Iterable[Any] = (),
    sort: str = "",
    grouping: str = "",
    layout: str = "",
) -> None:
    line = clean_line(str(name))
    if not line or len(line) > 100:
        words = _("Between 1 and %(count)d characters.") % {"count": 100}
        raise Invalid(words, fields={"name": words})
    known = {"sort": ("", *SORTS), "grouping": tuple(GROUPINGS), "layout": tuple(LAYOUTS)}
    for field, value in (("sort", sort), ("grouping", grouping), ("layout", layout)):
        if value not in known[field]:
            words = _("Choose from the list.")
            raise Invalid(words, fields={field: words})
        setattr(view, field, value)
    view.name, view.query, view.columns = line, query, list(known_columns(columns))
