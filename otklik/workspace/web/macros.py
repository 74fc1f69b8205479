"""Macros by hand: choosing one, what it would change, running it on a ticket or on many."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.kit.numbers import whole_number
from otklik.tickets.effects import SET_STATUS, clean_steps, foresee, with_despite
from otklik.tickets.models import Ticket
from otklik.tickets.solving import ASKING, Despite
from otklik.workspace.actions import run_macro, run_macro_on_few, run_macro_on_many
from otklik.workspace.models import Macro
from otklik.workspace.queries.macros import list_macros, steps_in_words
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.bulk import AT_ONCE, selection_of, show_begun, show_changed
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import put_into, shell_context
from otklik.workspace.web.solving import (
    ask_on_page,
    despite_in,
    offer_for,
    question_about,
    question_of,
)
from otklik.workspace.web.staff import (
    actor_of,
    is_fragment,
    last_operation,
    staff_view,
)


@staff_view()
def pick(request: HttpRequest, number: int) -> HttpResponse:
    """Those one may run on a ticket."""
    ticket = get_ticket(actor_of(request), number)
    context = {
        "ticket": ticket,
        "q": request.GET.get("q", "")[:100],
        "macros": list_macros(actor_of(request), request.GET.get("q", "")[:100]),
    }
    return show_in_frame(request, "macros", context)


@staff_view()
def preview(request: HttpRequest, number: int, macro_id: int) -> HttpResponse:
    """What it would change on this ticket: from → to, and what it would write."""
    actor = actor_of(request)
    ticket, macro = get_ticket(actor, number), _macro(request, macro_id)
    return show_in_frame(request, "macro", _preview_of(actor, ticket, macro))


@ticket_change
def run(request: HttpRequest, number: int, macro_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket, macro = get_ticket(actor, number), _macro(request, macro_id)
    despite = despite_in(request.POST)
    try:
        run_macro(actor, macro, ticket, despite=despite)
    except Invalid as refused:
        question = question_of(request, refused)
        if question is None:
            raise
        if not is_fragment(request):
            back = reverse("workspace:ticket", args=[number])
            return ask_on_page(request, number, question, back=back)
        context = _preview_of(actor, ticket, macro, despite) | {"question": question}
        return put_into(show_in_frame(request, "macro", context, status=422), "#dialog")
    words = _("%(macro)s is done on № %(number)d") % {"macro": macro.label_now(), "number": number}
    return changed(request, number, words, closeDialog={})


@staff_view("GET", "HEAD", "POST")
def on_many(request: HttpRequest) -> HttpResponseBase:
    """GET tells what a macro does to the chosen tickets; POST does it."""
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    chosen = selection_of(request)
    macro_id = whole_number(given.get("macro"))
    if macro_id is None:
        context: dict[str, Any] = {"selection": chosen, "macros": list_macros(actor)}
        return show_in_frame(request, "macros_many", context)
    macro = _macro(request, macro_id)
    if request.method == "POST":
        despite = despite_in(request.POST)
        try:
            if not chosen.is_whole and chosen.count <= AT_ONCE:
                before = last_operation(actor)
                report = run_macro_on_few(actor, macro, chosen.ids, despite=despite)
                return show_changed(request, report, before)
            act = run_macro_on_many(actor, macro, chosen.all_ids(actor), despite=despite)
        except Invalid as refused:
            context = {"selection": chosen, "macros": list_macros(actor), "refusal": str(refused)}
            return show_in_frame(request, "macros_many", context, status=422)
        return show_begun(request, act)
    first = Ticket.objects.visible_to(actor).with_people().filter(pk__in=chosen.ids[:1]).first()
    context = {"selection": chosen, "macro": macro, "steps": steps_in_words(macro.steps)}
    context["is_broken"] = any(step.problem for step in context["steps"])
    if any(step.get("effect") == SET_STATUS for step in macro.steps):
        context["offer"] = offer_for(actor, chosen)
    if first is not None and not context["is_broken"]:
        context |= {"first": first, "foreseen": foresee(actor, first, clean_steps(macro.steps))}
    return show_in_frame(request, "macro_many", context)


def _preview_of(
    actor: Actor, ticket: Ticket, macro: Macro, despite: Despite = ASKING
) -> dict[str, Any]:
    context: dict[str, Any] = {"ticket": ticket, "macro": macro}
    try:
        foreseen = foresee(actor, ticket, clean_steps(with_despite(macro.steps, despite)))
    except Invalid as refused:
        return context | {"refusal": str(refused), "steps": steps_in_words(macro.steps)}
    question = question_about(actor, foreseen, despite)
    return context | {"foreseen": foreseen, "question": question}


def _macro(request: HttpRequest, macro_id: int) -> Macro:
    rows = Macro.objects.visible_to(actor_of(request)).active()
    return get_object_or_404(rows, pk=macro_id)


def show_in_frame(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A part for a script; without one on the page that all parts of macros and scripts share."""
    if is_fragment(request):
        return render(request, f"workspace/parts/{name}.html", context, status=status)
    full = context | shell_context(request) | {"part": f"workspace/parts/{name}.html"}
    return render(request, "workspace/macros.html", full, status=status)
