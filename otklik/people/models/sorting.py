"""Keep ``sort_name`` in step with ``name`` whichever columns are saved."""

from __future__ import annotations

from typing import Any


def with_sort_name(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of ``save``, with the sort key among the columns when the name is."""
    chosen = kwargs.get("update_fields")
    if chosen is None or "name" not in chosen:
        return kwargs
    return kwargs | {"update_fields": {*chosen, "sort_name"}}
