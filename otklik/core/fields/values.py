"""Writing values: what every way in shares. Inside ``write()``, the owner's row held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from otklik.core.fields.kinds import index_rows
from otklik.core.fields.models import Field, IndexRow
from otklik.core.fields.owners import owner_of
from otklik.core.fields.queries import list_fields, values_of
from otklik.core.operations.models import Change


def put_value(obj: Any, field: Field, value: Any) -> None:
    """Set a cleaned value on the object, not saved, and its index rows, saved."""
    values = values_of(obj)
    if value is None:
        values.pop(field.key, None)
    else:
        values[field.key] = value
    obj.custom = values or None
    reindex_value(field, obj.pk, value)


def reindex_value(field: Field, owner_id: int, value: Any) -> None:
    if not field.is_filterable:
        return
    IndexRow.objects.filter(field=field, owner_id=owner_id).delete()
    IndexRow.objects.bulk_create(index_rows(field, owner_id, value))


def index_new(thing: str, owner_id: int, custom: dict[str, Any] | None) -> None:
    """The index rows of an object that was made with values (defaults)."""
    for field in list_fields(thing) if custom else ():
        if field.is_filterable and custom and custom.get(field.key) is not None:
            IndexRow.objects.bulk_create(index_rows(field, owner_id, custom[field.key]))


def forget_values(thing: str, owner_id: int) -> None:
    """Index rows and what the journal remembers, for an owner whose column is emptied or whose
    row goes."""
    fields = Field.objects.filter(thing=thing)
    IndexRow.objects.filter(field__in=fields, owner_id=owner_id).delete()
    Change.objects.filter(
        model=Field._meta.label,
        object_id__in=list(fields.values_list("pk", flat=True)),
        field=f"{thing}:{owner_id}",
    ).delete()


def redact_values(obj: Any, redact: Callable[[Any], Any], touches: Callable[[str], bool]) -> None:
    """Take somebody's traces out of the texts of an object, its index and what the journal
    remembers. Saves the column, counts no version up."""
    thing = owner_of(obj).thing
    marked = redact(obj.custom)
    if marked != obj.custom:
        type(obj)._base_manager.filter(pk=obj.pk).update(custom=marked)
        obj.custom = marked
        for field in Field.objects.filter(thing=thing, kind="text"):
            reindex_value(field, obj.pk, (marked or {}).get(field.key))
    fields = list(Field.objects.filter(thing=thing, kind="text").values_list("pk", flat=True))
    rows = Change.objects.filter(
        model=Field._meta.label, object_id__in=fields, field=f"{thing}:{obj.pk}"
    )
    for row in rows:
        if any(isinstance(side, str) and touches(side) for side in (row.old, row.new)):
            Change.objects.filter(pk=row.pk).update(old=redact(row.old), new=redact(row.new))
