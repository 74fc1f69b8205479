"""What failed for good or nobody could read: looked at, tried again, dropped."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from otklik.channels.contract import Disposition
from otklik.channels.models import Quarantined
from otklik.channels.quarantine import drop_quarantined, retry_quarantined
from otklik.channels.queries import list_quarantined
from otklik.core import files
from otklik.core.access import Conflict
from otklik.core.jobs.actions import drop_dead, retry_dead
from otklik.core.jobs.models import Job
from otklik.core.jobs.permissions import MANAGE
from otklik.core.jobs.queries import list_dead
from otklik.core.outbox.actions import confirm_uncertain, drop_delivery, retry_delivery
from otklik.core.outbox.models import Delivery, Status
from otklik.core.outbox.permissions import HANDLE
from otklik.kit.numbers import whole_number
from otklik.tickets.models import Ticket
from otklik.workspace.queries.talk import why_not_sent
from otklik.workspace.settings_screens.doors import actor_of, done, open_to

PAGE = 50
_RAW_SHOWN = 64 * 1024


@require_safe
@open_to(MANAGE)
def jobs(request: HttpRequest) -> HttpResponse:
    context = _newest(request, list_dead()) | {"title": _("Failed work")}
    return render(request, "workspace/settings/jobs.html", context)


@require_POST
@open_to(MANAGE)
def job(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """``do``: retry or drop."""
    actor, found = actor_of(request), get_object_or_404(Job, pk=job_id)
    url = reverse("settings_screens:failed_jobs")
    if request.POST.get("do") == "drop":
        drop_dead(actor, found)
        return done(request, url, _("Dropped"))
    try:
        retry_dead(actor, found)
    except Conflict as refusal:
        return done(request, url, str(refusal))
    return done(request, url, _("It is tried again"))


@require_safe
@open_to(HANDLE)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Given up, uncertain, or still waiting after an attempt; with why."""
    rows = Delivery.objects.filter(
        Q(dead_at__isnull=False)
        | Q(status=Status.UNCERTAIN)
        | Q(status=Status.QUEUED, attempts__gt=0)
    )
    context = _newest(request, rows.prefetch_related("recipients"))
    tickets = {row.ticket_id for row in context["rows"] if row.ticket_id}
    numbers = dict(Ticket.objects.filter(pk__in=tickets).values_list("pk", "number"))
    context["lines"] = [
        (row, why_not_sent(row.error_kind), numbers.get(row.ticket_id)) for row in context["rows"]
    ]
    context["title"] = _("Deliveries with trouble")
    return render(request, "workspace/settings/deliveries.html", context)


@require_POST
@open_to(HANDLE)
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponseBase:
    """``do``: retry, drop, and for an uncertain one sent or again."""
    actor, found = actor_of(request), get_object_or_404(Delivery, pk=delivery_id)
    asked = request.POST.get("do", "")
    url = reverse("settings_screens:deliveries")
    try:
        if asked == "drop":
            drop_delivery(actor, found)
            return done(request, url, _("It will not be sent"))
        if asked == "sent":
            confirm_uncertain(actor, found, was_sent=True)
            return done(request, url, _("Noted as sent"))
        if asked == "again":
            confirm_uncertain(actor, found, was_sent=False)
        elif asked == "retry":
            retry_delivery(actor, found)
        else:
            raise Http404
    except Conflict as refusal:
        return done(request, url, str(refusal))
    return done(request, url, _("It is being sent again"))


@require_safe
@open_to(HANDLE)
def quarantine(request: HttpRequest) -> HttpResponse:
    context = _newest(request, list_quarantined()) | {"title": _("Quarantine")}
    return render(request, "workspace/settings/quarantine.html", context)


@require_safe
@open_to(HANDLE)
def quarantined(request: HttpRequest, row_id: int) -> HttpResponse:
    """The raw message as text, its beginning at least."""
    row: Quarantined = get_object_or_404(list_quarantined(), pk=row_id)
    try:
        with files.open_blob(row.raw) as stream:
            raw = stream.read(_RAW_SHOWN + 1)
    except files.StorageError:
        raw = b""
    context = {
        "row": row,
        "raw": raw[:_RAW_SHOWN].decode("utf-8", "replace"),
        "is_cut": len(raw) > _RAW_SHOWN,
        "title": _("Message in quarantine"),
    }
    return render(request, "workspace/settings/quarantined.html", context)


@require_POST
@open_to(HANDLE)
def resolve(request: HttpRequest, row_id: int) -> HttpResponseBase:
    """``do``: retry or drop."""
    actor = actor_of(request)
    row: Quarantined = get_object_or_404(list_quarantined(), pk=row_id)
    url = reverse("settings_screens:quarantine")
    if request.POST.get("do") == "drop":
        drop_quarantined(actor, row)
        return done(request, url, _("Dropped"))
    try:
        result = retry_quarantined(actor, row)
    except LookupError:
        return done(request, url, _("No plug-in speaks this channel any more."))
    if result.disposition is Disposition.QUARANTINED:
        words = _("It still cannot be read. It stays here")
    elif result.ticket is not None:
        words = _("Taken in: ticket %(number)s") % {"number": result.ticket}
    else:
        words = _("Taken in")
    return done(request, url, words)


def _newest(request: HttpRequest, rows: QuerySet[Any]) -> dict[str, Any]:
    """A page by id, newest first: ``?before=<id>`` goes on from there."""
    before = whole_number(request.GET.get("before"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    next_url = f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else ""
    return {"rows": found[:PAGE], "next_url": next_url}
