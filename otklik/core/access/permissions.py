"""The permissions that exist. Rooms register theirs when they start; roles pick from them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Permission:
    code: str
    label: str | Promise
    hint: str | Promise = ""


_permissions: dict[str, Permission] = {}


def register_permission(code: str, label: str | Promise, hint: str | Promise = "") -> None:
    """Add a permission. Raises ValueError when the code means something else already."""
    permission = Permission(code, label, hint)
    known = _permissions.get(code)
    if known is not None and str(known.label) != str(label):
        raise ValueError(f"permission {code!r} is registered twice")
    _permissions[code] = permission


def list_permissions() -> list[Permission]:
    return sorted(_permissions.values(), key=lambda permission: permission.code)


def all_permission_codes() -> frozenset[str]:
    return frozenset(_permissions)
