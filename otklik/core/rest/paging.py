"""Lists in REST: at most 100 rows and a cursor to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.kit.paging import Cursor, decode_cursor, keyset_filter, keyset_order

DEFAULT_SIZE = 50
MAX_SIZE = 100


def page_by_id(
    rows: QuerySet[Any],
    show: Callable[[Any], Any],
    *,
    cursor: str = "",
    limit: int = DEFAULT_SIZE,
    key: str = "id",
    is_descending: bool = True,
) -> dict[str, Any]:
    """{"items": […], "next": cursor or ""}, ordered by ``key`` and id. Raises Invalid."""
    size = max(1, min(limit, MAX_SIZE))
    if cursor:
        try:
            position = decode_cursor(cursor)
            rows = rows.filter(keyset_filter(position, key, is_descending=is_descending))
        except (ValueError, TypeError) as error:
            raise Invalid(_("The cursor is damaged."), fields={"cursor": str(error)}) from error
    found: list[Model] = list(
        rows.order_by(*keyset_order("next", key, is_descending=is_descending))[: size + 1]
    )
    more = len(found) > size
    found = found[:size]
    token = Cursor(getattr(found[-1], key), found[-1].pk).encode() if more else ""
    return {"items": [show(row) for row in found], "next": token}
