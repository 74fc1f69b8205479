"""The company's own statuses: each means a built-in kind, and may name what follows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line
from otklik.tickets.actions.sorting import demand_sorting
from otklik.tickets.models import Status, StatusKind, StatusStep
from otklik.tickets.status_events import (
    StatusCreated,
    StatusLabelled,
    StatusRetired,
    StatusRevived,
    StatusStepsSet,
)

MOST = 60
_APART = 10
_HINT = 200


@action
def create_status(
    actor: Actor,
    *,
    kind: str,
    labels: Mapping[str, str],
    hint: str = "",
    hints: Mapping[str, str] | None = None,
) -> Status:
    """A status of one's own, after the others of its kind. ``labels`` and ``hints``: language →
    words there. Raises Forbidden and Invalid."""
    demand_sorting(actor)
    if kind not in StatusKind.values:
        raise Invalid(_("There is no such status."), fields={"kind": kind})
    cleaned = clean_words(labels, 40, "labels")
    if not cleaned:
        words = _("Say what it is called.")
        raise Invalid(words, fields={"labels": words})
    if Status.objects.count() >= MOST:
        raise Invalid(
            ngettext(
                "%(count)d status is the most there can be.",
                "%(count)d statuses are the most there can be.",
                MOST,
            )
            % {"count": MOST}
        )
    status = Status(kind=kind, labels=cleaned, hint=clean_line(hint, _HINT), code="")
    status.hints = clean_words(hints or {}, _HINT, "hints")
    status.code = f"own-{(Status.objects.order_by('-pk').values_list('pk', flat=True)[0]) + 1}"
    status.position = _APART * MOST
    status.save()
    _renumber()
    record(actor, StatusCreated(status_id=status.pk, kind=kind))
    status.refresh_from_db()
    return status


@action
def describe_status(
    actor: Actor,
    status: Status,
    *,
    labels: Mapping[str, str] | None = None,
    hint: str | None = None,
    hints: Mapping[str, str] | None = None,
    is_active: bool | None = None,
) -> Status:
    """What it is called, when to use it, whether it is offered. What it means never changes.

    The built-in ones are always offered: the desk itself moves tickets to them. Raises Forbidden
    and Invalid.
    """
    demand_sorting(actor)
    current = Status.objects.select_for_update().get(pk=status.pk)
    called = (current.labels, current.hint, current.hints)
    if labels is not None:
        current.labels = clean_words(labels, 40, "labels")
        if current.is_own and not current.labels:
            words = _("Say what it is called.")
            raise Invalid(words, fields={"labels": words})
    if hint is not None:
        current.hint = clean_line(hint, _HINT)
    if hints is not None:
        current.hints = clean_words(hints, _HINT, "hints")
    if called != (current.labels, current.hint, current.hints):
        record(actor, StatusLabelled(status_id=current.pk))
    if is_active is not None and is_active != current.is_active:
        if not current.is_own:
            raise Invalid(_("The built-in statuses stay: the desk itself uses them."))
        current.is_active = is_active
        heard = StatusRevived if is_active else StatusRetired
        record(actor, heard(status_id=current.pk))
    current.save(update_fields=["labels", "hint", "hints", "is_active"])
    return current


@action
def set_steps(actor: Actor, status: Status, to: Collection[Status] | None) -> None:
    """Which statuses may follow this one; None: any. Raises Forbidden and Invalid."""
    demand_sorting(actor)
    wanted = None if to is None else {row.pk for row in to} - {status.pk}
    if wanted is not None and not wanted:
        raise Invalid(_("Something has to follow every status."), fields={"to": status.code})
    rows = StatusStep.objects.filter(status=status)
    before = set(rows.values_list("next_id", flat=True))
    if before == (wanted or set()):
        return
    rows.exclude(next_id__in=wanted or ()).delete()
    StatusStep.objects.bulk_create(
        StatusStep(status=status, next_id=pk) for pk in sorted((wanted or set()) - before)
    )
    record(actor, StatusStepsSet(status_id=status.pk, to=tuple(sorted(wanted or ()))))


def _renumber() -> None:
    """By kind, within it in the order there was."""
    kinds = list(StatusKind.values)
    rows = sorted(
        Status.objects.all(), key=lambda row: (kinds.index(row.kind), row.position, row.pk)
    )
    for number, row in enumerate(rows):
        if row.position != number * _APART:
            row.position = number * _APART
            row.save(update_fields=["position"])
