"""Scripts beside a ticket: beginning one, answering, going back, finishing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import Conflict, Invalid
from otklik.kit.numbers import whole_number
from otklik.ui.toasts import with_toast
from otklik.workspace.actions import answer_run, begin_run, drop_run, finish_run, step_back
from otklik.workspace.models import Script, ScriptRun
from otklik.workspace.queries.scripts import list_scripts
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import pieces, ticket_change
from otklik.workspace.web.macros import show_in_frame
from otklik.workspace.web.staff import actor_of, add_trigger, is_fragment, staff_view


@staff_view()
def pick(request: HttpRequest, number: int) -> HttpResponse:
    actor = actor_of(request)
    context = {"ticket": get_ticket(actor, number), "scripts": list_scripts(actor)}
    return show_in_frame(request, "scripts", context)


@ticket_change
def begin(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    wanted = whole_number(request.POST.get("script"))
    if wanted is None:
        raise Invalid(_("Choose a script."))
    rows = Script.objects.visible_to(actor).active()
    begin_run(actor, get_object_or_404(rows, pk=wanted), ticket)
    return _shown(request, number)


@ticket_change
def run(request: HttpRequest, number: int, run_id: int) -> HttpResponseBase:
    """``value`` of the button: answer, back, drop, or finish with what becomes of the text."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    found = get_object_or_404(ScriptRun, pk=run_id, ticket=ticket)
    version, what = whole_number(request.POST.get("version")), request.POST.get("do", "answer")
    try:
        if what == "back":
            step_back(actor, found, version=version)
        elif what == "drop":
            drop_run(actor, found)
        elif what in ("note", "reply"):
            return _finished(request, number, found, what, version)
        else:
            answer_run(actor, found, request.POST.get("answer", ""), version=version)
    except (Invalid, Conflict) as refused:
        return _shown(request, number, refused=str(refused), run=found.pk)
    return _shown(request, number)


def _finished(
    request: HttpRequest, number: int, run: ScriptRun, result: str, version: int | None
) -> HttpResponseBase:
    finished = finish_run(actor_of(request), run, result=result, version=version)
    undo = reverse("workspace:undo", args=[finished.operation.pk])
    address = reverse("workspace:ticket", args=[number])
    if result == "reply":
        # The composer opens with the text: it is read from the draft as the page is built anew.
        address = f"{address}?write=public"
        if is_fragment(request):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)
    words = _("The answers are in a note")
    if not is_fragment(request):
        return with_toast(request, redirect(address), words, undo=undo)
    return with_toast(request, _shown(request, number), words, undo=undo)


def _shown(
    request: HttpRequest, number: int, *, refused: str = "", run: int = 0
) -> HttpResponseBase:
    if not is_fragment(request):
        address = reverse("workspace:ticket", args=[number])
        back = redirect(address)
        return with_toast(request, back, refused) if refused else back
    context = pieces(request, number) | {"run_refused": refused, "refused_run": run}
    status = 422 if refused else 200
    response = render(request, "workspace/parts/changed.html", context, status=status)
    return add_trigger(response, closeDialog={})
