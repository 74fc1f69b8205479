"""Moving what belongs to a person who was merged into another one, and moving it back.

`actions.merge_people` marks the rows of the persons and moves their addresses in one transaction.
What else names the person, a hundred thousand tickets maybe, follows here in small steps: rooms
register the columns that hold a person, each row that moves is journalled, and a step that is
repeated does nothing. Taking it back replays the journal from its end; what somebody has changed
since stays as it is, and what came since by a moved address goes with it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.apps import apps
from django.db.models import Max, Min, Model, QuerySet
from django.utils import timezone

from otklik.core.db import write
from otklik.core.operations.actions import journal_many
from otklik.core.operations.models import Change
from otklik.people.models import Identity, MergeState, PersonMerge

# Longer than any transaction that had read the person before the rows were marked may last.
LOOKED_AGAIN_AFTER = timedelta(minutes=5)
SLICE = 5.0  # seconds of one job; a large merge is many
_WINDOW = 400  # ids of the journal looked at in one step
_SETTLED = 20  # documents and the like, outside transactions
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Column:
    """Rows of ``model`` ("tickets.Ticket") name a person in ``field`` ("requester_id").

    ``unique``: columns with which the person is unique; who has both rows keeps the one who stays.
    ``identity``: the column of the address by which it came; what came by a moved address since
    goes back with it. ``also`` is set beside, ``moved`` runs in the transaction with the ids,
    ``settled`` after it, when all is moved. ``step`` rows move in one transaction.
    """

    model: str
    field: str
    unique: tuple[str, ...] = ()
    identity: str = ""
    also: Callable[[], Mapping[str, Any]] = dict
    moved: Callable[[Sequence[int]], None] | None = None
    settled: Callable[[Sequence[int]], None] | None = None
    step: int = 50
    order: int = 100

    @property
    def name(self) -> str:
        return f"{self.model}.{self.field}"

    def rows(self, **lookup: Any) -> QuerySet[Any]:
        model: type[Model] = apps.get_model(self.model)
        return model._default_manager.filter(**lookup)


_columns: dict[str, Column] = {}


def register_column(column: Column) -> None:
    """What a room keeps by person, from ``apps.ready()``."""
    _columns[column.name] = column


def list_columns() -> list[Column]:
    return sorted(_columns.values(), key=lambda each: (each.order, each.name))


def count_rows(merge: PersonMerge) -> int:
    """How much there is to move; for the progress."""
    return sum(column.rows(**{column.field: merge.gone_id}).count() for column in list_columns())


def run_merge(merge_id: int, *, seconds: float) -> bool:
    """Work on it for that long; whether it is done. Several at once do no harm."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        merge = PersonMerge.objects.filter(pk=merge_id).first()
        if merge is None or not merge.is_running:
            return True
        if not _one_step(merge):
            _finish(merge)
            return True
    return False


def look_again(merge_id: int) -> None:
    """Some minutes later: what was on its way in while the persons were marked."""
    passed: dict[str, int] = {}
    is_more = True
    while is_more:
        merge = PersonMerge.objects.filter(pk=merge_id).first()
        if merge is not None and merge.state == MergeState.MERGED:
            is_more = _move_some(merge, passed)
        else:
            is_parted = merge is not None and merge.state == MergeState.PARTED
            is_more = is_parted and merge is not None and _follow_some(merge)


def _one_step(merge: PersonMerge) -> bool:
    """Whether there was something to do."""
    if not merge.total and merge.state == MergeState.MERGING:
        _note_total(merge)
    if "settling" in merge.place:
        return _settle_some(merge)
    if merge.state == MergeState.MERGING:
        if _move_some(merge, dict(merge.place.get("passed", {}))):
            return True
    elif _restore_some(merge) or _follow_some(merge):
        return True
    return _begin_settling(merge)


def _note_total(merge: PersonMerge) -> None:
    total = count_rows(merge)
    with write():
        PersonMerge.objects.filter(pk=merge.pk).update(total=total)
    merge.total = total


def _finish(merge: PersonMerge) -> None:
    ended = {
        MergeState.MERGING: MergeState.MERGED,
        MergeState.PARTING: MergeState.PARTED,
    }[MergeState(merge.state)]
    place = {key: value for key, value in merge.place.items() if key == "head"}
    with write():
        done = PersonMerge.objects.filter(pk=merge.pk, state=merge.state).update(
            state=ended, ended_at=timezone.now(), place=place
        )
    if done:
        logger.info("people_merged", merge=merge.pk, state=ended.value, moved=merge.moved)


def _locked(merge: PersonMerge) -> PersonMerge | None:
    """The row held, when it still is as the caller read it."""
    held = PersonMerge.objects.select_for_update().filter(pk=merge.pk).first()
    same = held is not None and (held.state, held.place) == (merge.state, merge.place)
    return held if same else None


def _move_some(merge: PersonMerge, passed: dict[str, int]) -> bool:
    """Move the next rows; ``passed`` are the last ids looked at of columns where some stay."""
    for column in list_columns():
        with write():
            held = _locked(merge)
            if held is None:
                return True  # somebody else was faster; look anew
            rows = column.rows(**{column.field: merge.gone_id})
            if column.unique:
                rows = rows.filter(pk__gt=passed.get(column.name, 0)).order_by("pk")
            ids = list(rows.values_list("pk", flat=True)[: column.step])
            if not ids:
                continue
            going = _without_twins(column, ids, merge)
            _set(column, going, merge.kept_id, old=merge.gone_id)
            journal_many(
                held.operation,
                column.model,
                column.field,
                going,
                old=merge.gone_id,
                new=merge.kept_id,
            )
            if column.unique:
                passed[column.name] = ids[-1]
            if merge.state == MergeState.MERGING and passed:
                held.place = merge.place | {"passed": passed}
            held.moved += len(going)
            held.save(update_fields=["place", "moved"])
        if merge.state == MergeState.MERGED and column.settled is not None:
            column.settled(going)
        return True
    return False


def _restore_some(merge: PersonMerge) -> bool:
    """Replay the next part of the journal backwards. What is not as it was left stays."""
    top = merge.place.get("restored")
    if top is None:
        rows = Change.objects.filter(operation=merge.operation_id, pk__gt=merge.place["head"])
        ends = rows.aggregate(last=Max("pk"), first=Min("pk"))
        top, bottom = (ends["last"] or 0) + 1, ends["first"] or 1
    else:
        bottom = merge.place["bottom"]
    if top <= bottom:
        return False
    low = max(bottom, top - _WINDOW)
    found: dict[str, list[int]] = defaultdict(list)
    rows = Change.objects.filter(pk__gte=low, pk__lt=top, operation=merge.operation_id)
    for model, field, object_id in rows.values_list("model", "field", "object_id"):
        found[f"{model}.{field}"].append(object_id)
    with write():
        held = _locked(merge)
        if held is None:
            return True
        for name, ids in found.items():
            column = _columns.get(name)
            if column is None:
                held.left += len(ids)
                continue
            lookup = {"pk__in": ids, column.field: merge.kept_id}
            still = list(column.rows(**lookup).values_list("pk", flat=True))
            _set(column, still, merge.gone_id, old=merge.kept_id)
            held.moved += len(still)
            ours = {f"{column.field}__in": (merge.kept_id, merge.gone_id)}
            held.left += column.rows(pk__in=ids).exclude(**ours).count()
        held.place = merge.place | {"restored": low, "bottom": bottom}
        held.save(update_fields=["place", "moved", "left"])
    return True


def _follow_some(merge: PersonMerge) -> bool:
    """What came since by an address that went back goes with it."""
    addresses = list(Identity.objects.filter(person=merge.gone_id).values_list("pk", flat=True))
    for column in list_columns():
        if not column.identity:
            continue
        for identity_id in addresses:
            lookup = {column.identity: identity_id, column.field: merge.kept_id}
            with write():
                ids = list(column.rows(**lookup).values_list("pk", flat=True)[: column.step])
                _set(column, ids, merge.gone_id, old=merge.kept_id)
            if ids:
                if column.settled is not None:
                    column.settled(ids)
                return True
    return False


def _begin_settling(merge: PersonMerge) -> bool:
    """Go over what moved once more, outside transactions: search documents and the like."""
    rows = Change.objects.filter(operation=merge.operation_id, pk__gt=merge.place["head"])
    ends = rows.aggregate(last=Max("pk"), first=Min("pk"))
    if ends["last"] is None or merge.place.get("is_settled"):
        return False
    with write():
        held = _locked(merge)
        if held is not None:
            held.place = merge.place | {"settling": ends["first"], "last": ends["last"]}
            held.save(update_fields=["place"])
    return True


def _settle_some(merge: PersonMerge) -> bool:
    begin, last = merge.place["settling"], merge.place["last"]
    settled = [column for column in list_columns() if column.settled is not None]
    found: dict[str, list[int]] = defaultdict(list)
    rows = Change.objects.filter(
        pk__gte=begin, pk__lt=begin + _WINDOW, operation=merge.operation_id
    ).order_by("pk")
    for model, field, object_id in rows.values_list("model", "field", "object_id"):
        found[f"{model}.{field}"].append(object_id)
    for column in settled:
        ids = found.get(column.name, [])
        for start in range(0, len(ids), _SETTLED):
            if column.settled is not None:
                column.settled(ids[start : start + _SETTLED])
    following = begin + _WINDOW
    place = merge.place | {"settling": following}
    if following > last:
        place = {key: value for key, value in place.items() if key not in ("settling", "last")}
        place["is_settled"] = True
    with write():
        held = _locked(merge)
        if held is not None:
            held.place = place
            held.save(update_fields=["place"])
    return True


def _without_twins(column: Column, ids: list[int], merge: PersonMerge) -> list[int]:
    """Those of whom the one who stays has no row of the same."""
    if not column.unique:
        return ids
    mine = column.rows(pk__in=ids).values_list("pk", *column.unique)
    keys = {row[0]: row[1:] for row in mine}
    first = column.unique[0]
    there = column.rows(
        **{column.field: merge.kept_id, f"{first}__in": [key[0] for key in keys.values()]}
    )
    taken = set(there.values_list(*column.unique))
    return [pk for pk in ids if keys[pk] not in taken]


def _set(column: Column, ids: Sequence[int], person_id: int, *, old: int) -> None:
    if not ids:
        return
    lookup = {"pk__in": ids, column.field: old}
    column.rows(**lookup).update(**{column.field: person_id, **column.also()})
    if column.moved is not None:
        column.moved(ids)


def ids_of_everybody_in(person_id: int) -> list[int]:
    """This person and those merged into them, for what is kept by person and never moves: events,
    looks, tombstones."""
    from otklik.people.models import Person

    found, layer = [person_id], [person_id]
    while layer and len(found) < 200:
        rows: Iterable[int] = Person.objects.filter(merged_into__in=layer).values_list(
            "pk", flat=True
        )
        layer = [pk for pk in rows if pk not in found]
        found += layer
    return found
