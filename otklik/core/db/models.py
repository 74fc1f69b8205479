"""Bases and small column types every room shares. This room has no table of its own."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, models


class SortKeyField(models.CharField):  # type: ignore[type-arg]
    """Text by which lists are ordered and paged: normalised, compared by code point everywhere."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault("editable", False)
        if "postgresql" in settings.DATABASES["default"]["ENGINE"]:
            kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def deconstruct(self):  # type: ignore[no-untyped-def]
        # The collation depends on the database, so migrations do not name it.
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_collation", None)
        return name, path, args, kwargs


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"
