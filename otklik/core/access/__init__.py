"""Who may do and see what. Rooms bring the permissions, `people` brings the roles."""

from otklik.core.access.actor import NOBODY, SYSTEM, Actor, ActorKind, Origin
from otklik.core.access.errors import ActionError, Conflict, Forbidden, Invalid, Missing
from otklik.core.access.permissions import (
    Permission,
    all_permission_codes,
    list_permissions,
    register_permission,
)

__all__ = [
    "NOBODY",
    "SYSTEM",
    "ActionError",
    "Actor",
    "ActorKind",
    "Conflict",
    "Forbidden",
    "Invalid",
    "Missing",
    "Origin",
    "Permission",
    "all_permission_codes",
    "list_permissions",
    "register_permission",
]
