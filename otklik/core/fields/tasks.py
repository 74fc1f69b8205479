"""What takes longer than a request: the index rows of a field that became filterable."""

from __future__ import annotations

from django.apps import apps

from otklik.core.db import write
from otklik.core.fields.kinds import index_rows
from otklik.core.fields.models import Field, IndexRow
from otklik.core.fields.owners import find_owner
from otklik.core.fields.queries import values_of
from otklik.core.jobs import task

STEP = 20


@task(name="fields.reindex", unique=True)
def reindex_field(*, field_id: int) -> None:
    """Write a field's index rows anew, a few owners at a time; harmless when repeated."""
    field = Field.objects.filter(pk=field_id).first()
    owner = find_owner(field.thing) if field is not None else None
    if field is None or owner is None:
        return
    if not field.is_filterable:
        _drop(field)
        return
    manager = apps.get_model(owner.model)._base_manager
    rows = manager.filter(custom__isnull=False).order_by("pk")
    last = 0
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:STEP]):
        with write():
            found = list(manager.select_for_update().filter(pk__in=ids))
            IndexRow.objects.filter(field=field, owner_id__in=ids).delete()
            IndexRow.objects.bulk_create(
                row
                for each in found
                for row in index_rows(field, each.pk, values_of(each).get(field.key))
            )
        last = ids[-1]


def _drop(field: Field) -> None:
    rows = IndexRow.objects.filter(field=field)
    while ids := list(rows.values_list("pk", flat=True)[: STEP * 10]):
        with write():
            IndexRow.objects.filter(pk__in=ids).delete()
