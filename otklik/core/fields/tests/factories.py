"""Fields for the tests of every room."""

from __future__ import annotations

from typing import Any

from otklik.core.access import SYSTEM
from otklik.core.fields.actions import create_field
from otklik.core.fields.models import Field


def make_field(key: str, kind: str = "text", *, thing: str = "ticket", **details: Any) -> Field:
    details.setdefault("name", key.replace("_", " ").capitalize())
    details.setdefault("is_filterable", True)
    if kind in ("choice", "multi"):
        words = details.pop("options", ["Red", "Green", "Blue"])
        details["options"] = [{"name": word} for word in words]
    return create_field(SYSTEM, thing=thing, key=key, kind=kind, **details)
