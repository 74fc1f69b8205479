"""The built-in roles as sets of permissions. Roles of one's own are rows beside them.

The code is the truth for built-in roles: their rows exist so that users can point at them, and
are brought into step after every migration. Permissions are named as strings, so this room need
not know who registers them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.core.access import all_permission_codes
from otklik.core.db import write
from otklik.people.models import Role

logger = structlog.get_logger(__name__)

ADMINISTRATOR = "administrator"
AGENT = "agent"
CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class BuiltinRole:
    code: str
    name: str | Promise
    is_staff: bool


BUILTIN = {
    role.code: role
    for role in (
        BuiltinRole(ADMINISTRATOR, _("Administrator"), is_staff=True),
        BuiltinRole(AGENT, _("Agent"), is_staff=True),
        BuiltinRole(CUSTOMER, _("Customer"), is_staff=False),
    )
}

_granted: dict[str, set[str]] = {
    AGENT: {
        "tickets.view",
        "tickets.open",
        "tickets.reply",
        "tickets.note",
        "tickets.assign",
        "tickets.change",
        "tickets.trash",
        "tickets.bulk",
        "people.view",
        "people.change",
        "people.merge",
        "tokens.create",
    },
    CUSTOMER: set(),
}


def grant(role_code: str, *permissions: str) -> None:
    """Give a built-in role more, from a room's ``apps.ready``. Administrators have everything.

    Raises KeyError for a role that is not built in.
    """
    if role_code != ADMINISTRATOR:
        _granted[role_code].update(permissions)


def builtin_permissions(role_code: str) -> frozenset[str]:
    """What a built-in role may now. Raises KeyError for another one."""
    if role_code == ADMINISTRATOR:
        return all_permission_codes() | _granted[AGENT]
    return frozenset(_granted[role_code])


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """The union of what these roles give; codes nobody registered any more do no harm."""
    found: set[str] = set()
    for role in roles:
        found |= builtin_permissions(role.code) if role.code in BUILTIN else set(role.permissions)
    return frozenset(found)


def role_name(role: Role) -> str:
    """The name on screen, in the reader's language for built-in roles."""
    if role.name:
        return role.name
    builtin = BUILTIN.get(role.code)
    return str(builtin.name) if builtin else role.code


def get_role(code: str) -> Role:
    """Raises Role.DoesNotExist."""
    return Role.objects.get(code=code)


def sync_builtin_roles() -> None:
    """Bring the rows of the built-in roles into step with the code."""
    rows = {role.code: role for role in Role.objects.filter(code__in=BUILTIN)}
    for builtin in BUILTIN.values():
        wanted = sorted(builtin_permissions(builtin.code))
        row = rows.get(builtin.code) or Role(code=builtin.code)
        same = (row.permissions, row.is_staff, row.is_builtin) == (wanted, builtin.is_staff, True)
        if row.pk is None or not same:
            row.permissions, row.is_staff, row.is_builtin = wanted, builtin.is_staff, True
            row.save()


def sync_after_migrate(**kwargs: Any) -> None:
    try:
        with write():
            sync_builtin_roles()
    except DatabaseError as error:
        # A migration to an older state: the next complete one brings the rows into step.
        logger.warning("roles_not_synced", reason=type(error).__name__)
