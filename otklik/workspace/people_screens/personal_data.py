"""What is kept of a person: who looked, taking it out, keeping it for a court, erasing it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core import files
from otklik.core.access import ActionError
from otklik.core.web.downloads import send_file
from otklik.people import policy
from otklik.people.actions import erase_person, lift_person_hold, place_person_hold
from otklik.people.actions.exporting import ask_for_export, take_export
from otklik.people.erasing import preview_erasure
from otklik.people.looks import PLACES
from otklik.people.models import (
    Erasure,
    ErasureReason,
    ExportState,
    Look,
    Person,
    PersonExport,
)
from otklik.people.permissions import ERASE, EXPORT, LOOKS
from otklik.people.slots import is_kept
from otklik.tickets.models import Ticket
from otklik.ui.toasts import with_toast
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.people_screens.persons import find_person_or_404
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

_LOOKS = 50


class ErasureForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"), choices=ErasureReason.choices, widget=forms.RadioSelect
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("I know that nothing brings this back"),
        error_messages={"required": gettext_lazy("Tick this first.")},
    )


@require_safe
@open_to(EXPORT, ERASE, LOOKS)
def show(request: HttpRequest, person_id: int) -> HttpResponse:
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    context: dict[str, Any] = {
        "person": person,
        "may_export": policy.can_export_people(actor) and person.erased_at is None,
        "may_erase": policy.can_erase_people(actor) and person.erased_at is None,
        "may_see_looks": policy.can_see_looks(actor),
        "erasure": Erasure.objects.filter(person_id=person.pk).order_by("-id").first(),
        "exports": [],
        "is_held": person.legal_hold_since is not None or is_kept(person),
    }
    if policy.can_export_people(actor):
        mine = PersonExport.objects.filter(person_id=person.pk, asked_by=actor.person_id or 0)
        context["exports"] = list(mine.order_by("-id")[:5])
        context["is_waiting"] = any(row.state == ExportState.WAITING for row in context["exports"])
    if policy.can_see_looks(actor):
        context |= _looks(request, person)
    return render_page(request, "workspace/people/personal_data.html", context)


@require_POST
@open_to(EXPORT)
def export(request: HttpRequest, person_id: int) -> HttpResponseBase:
    person = find_person_or_404(request, person_id)
    return _act(
        request,
        person,
        lambda: ask_for_export(actor_of(request), person),
        _("It is being put together"),
    )


@require_POST
@open_to(EXPORT)
def download(request: HttpRequest, person_id: int, export_id: int) -> HttpResponseBase:
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    row = get_object_or_404(
        PersonExport, pk=export_id, person_id=person.pk, asked_by=actor.person_id or 0
    )
    try:
        blob = take_export(actor, row)
    except ActionError as refusal:
        return with_toast(request, redirect(_page_of(person)), str(refusal))
    answer = send_file(
        files.open_blob(blob), name=f"person-{person.pk}.zip", content_type="application/zip"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@open_to(ERASE)
def legal_hold(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """``value``: on or off."""
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    if request.POST.get("value") == "off":
        return _act(
            request, person, lambda: lift_person_hold(actor, person), _("The hold is lifted")
        )
    words = _("Kept: neither clocks nor people erase it")
    return _act(request, person, lambda: place_person_hold(actor, person), words)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(ERASE)
def erasure(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """First what goes and what stays, then the point of no return."""
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    if person.erased_at is not None:
        return redirect(_page_of(person))
    form = ErasureForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: erase_person(actor, person, reason=form.cleaned_data["reason"]))
    ):
        return done(request, _page_of(person), _("Erased. The rest is being taken out"))
    context = {"person": person, "form": form, "told": preview_erasure(person)}
    return render_page(request, "workspace/people/erasure.html", context, status=status_of(form))


def _act(request: HttpRequest, person: Person, act: Any, words: str) -> HttpResponseBase:
    try:
        act()
    except ActionError as refusal:
        words = str(refusal)
    return done(request, _page_of(person), words)


def _page_of(person: Person) -> str:
    return reverse("people_screens:personal_data", args=[person.pk])


def _looks(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Newest first; ``?before=<id>`` goes on from there."""
    rows = Look.objects.filter(person_id=person.pk)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: _LOOKS + 1])
    viewers = Person.objects.in_bulk({row.viewer_id for row in found if row.viewer_id})
    tickets = dict(
        Ticket.objects.filter(pk__in={row.ticket_id for row in found if row.ticket_id}).values_list(
            "pk", "number"
        )
    )
    return {
        "looks": [
            {
                "who": viewers.get(row.viewer_id or 0) or _("Somebody"),
                "is_program": row.viewer_kind == "token",
                "place": PLACES.get(row.place, row.place),
                "number": tickets.get(row.ticket_id or 0),
                "at": row.at,
            }
            for row in found[:_LOOKS]
        ],
        "next_url": f"?before={found[_LOOKS - 1].pk}" if len(found) > _LOOKS else "",
    }
