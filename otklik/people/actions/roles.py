"""Roles of one's own: named sets of permissions beside the built-in ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor, Forbidden, Invalid, all_permission_codes
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people import policy, values
from otklik.people.actions.changing import copy_values, differing, locked
from otklik.people.events import RoleChanged, RoleCreated, RoleRemoved
from otklik.people.models import Role, User


def _permissions(value: Iterable[str]) -> list[str]:
    wanted = sorted(set(value))
    unknown = set(wanted) - all_permission_codes()
    if unknown or not wanted:
        words = _("Choose at least one permission that exists.")
        raise Invalid(words, fields={"permissions": words})
    return wanted


_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 100, is_required=True),
    "permissions": _permissions,
}


@action
def create_role(actor: Actor, *, name: str, permissions: Iterable[str]) -> Role:
    """A role for staff. Raises Forbidden for more than the actor has, and Invalid."""
    cleaned = values.clean_changes({"name": name, "permissions": permissions}, _CLEANERS)
    _demand(actor, cleaned["permissions"])
    role = Role.objects.create(code=_free_code(), is_staff=True, **cleaned)
    record(actor, RoleCreated(role_id=role.pk))
    return role


@action
def change_role(actor: Actor, role: Role, **changes: Any) -> Role:
    """Change name or permissions of a role that is not built in.

    Raises Forbidden, also for a role that gives more than the actor has, and Invalid.
    """
    cleaned = values.clean_changes(changes, _CLEANERS)
    current: Role = locked(role)
    if current.is_builtin:
        raise Forbidden(_("The built-in roles stay as they are. Make a role of your own."))
    _demand(actor, current.permissions)
    _demand(actor, cleaned.get("permissions", ()))
    wanted = differing(current, cleaned)
    if wanted:
        for field, value in wanted.items():
            setattr(current, field, value)
        current.save(update_fields=list(wanted))
        record(actor, RoleChanged(role.pk, tuple(sorted(wanted))))
    copy_values(current, role, cleaned)
    return role


@action
def remove_role(actor: Actor, role: Role) -> None:
    """Forget a role that nobody holds. Raises Forbidden and Invalid."""
    current: Role = locked(role)
    if current.is_builtin:
        raise Forbidden(_("The built-in roles stay as they are. Make a role of your own."))
    _demand(actor, current.permissions)
    holders = User.objects.filter(roles=current).count()
    if holders:
        raise Invalid(
            ngettext(
                "%(count)d agent has this role. Give them another one first.",
                "%(count)d agents have this role. Give them another one first.",
                holders,
            )
            % {"count": holders},
            code="role_held",
        )
    record(actor, RoleRemoved(role_id=current.pk))
    current.delete()


def _demand(actor: Actor, permissions: Iterable[str]) -> None:
    if not policy.can_manage_agents(actor):
        raise Forbidden(_("Only an administrator may manage roles."))
    if not policy.can_grant(actor, frozenset(permissions)):
        raise Forbidden(_("You may not give more rights than you have."))


def _free_code() -> str:
    last = Role.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return f"role-{last + 1}"
