"""One change on many tickets: a few at once, many in the background with progress and report."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import ActionError, Actor, Invalid
from otklik.kit.numbers import whole_number
from otklik.people.models import Agent, Team
from otklik.tickets import actions
from otklik.tickets.bulk import begin_bulk, begin_undo, cancel_bulk, get_bulk
from otklik.tickets.effects import SNOOZES, clean_steps, with_despite
from otklik.tickets.models import BulkAct, Priority, Status, Ticket
from otklik.ui.toasts import with_toast
from otklik.workspace.queries import choices
from otklik.workspace.queries.bulk import Selection, get_report, list_acts, read_selection
from otklik.workspace.web.shell import shell_context, show_piece
from otklik.workspace.web.solving import despite_in, offer_for
from otklik.workspace.web.staff import (
    actor_of,
    add_trigger,
    is_fragment,
    last_operation,
    staff_view,
    undo_url,
)

# So many are changed while one waits; more go on by themselves, and the page may be left.
AT_ONCE = 20
Step = dict[str, Any]


@staff_view("GET", "HEAD", "POST")
def bulk(request: HttpRequest) -> HttpResponseBase:
    """GET asks what to change on ``tickets``, or on all of the list that ``whole`` is the query
    of; POST does it and says what could not change."""
    actor = actor_of(request)
    chosen = selection_of(request)
    context: dict[str, Any] = {"selection": chosen}
    if request.method == "POST":
        try:
            return _apply(request, actor, chosen)
        except Invalid as refused:
            context["refusal"] = str(refused)
    context |= {
        "agents": choices.agent_choices(actor),
        "statuses": choices.status_choices(),
        "priorities": choices.priority_choices(),
        "teams": choices.team_choices(actor),
        "kinds": choices.kind_choices(),
        "categories": choices.category_choices(),
        "moments": SNOOZES,
        "offer": offer_for(actor, chosen),
    }
    return show_piece(request, "bulk", context, status=422 if "refusal" in context else 200)


def selection_of(request: HttpRequest) -> Selection:
    given = request.POST if request.method == "POST" else request.GET
    whole = given.get("whole", "")[:4000]
    return read_selection(actor_of(request), ticked_ids(given), QueryDict(whole) if whole else None)


def ticked_ids(given: QueryDict) -> list[int]:
    """Ids in ``tickets``: boxes of a form, or a list with commas in an address."""
    parts = (part for value in given.getlist("tickets") for part in value.split(","))
    return [pk for pk in map(whole_number, parts) if pk is not None]


def show_begun(request: HttpRequest, act: BulkAct) -> HttpResponseBase:
    """How far an act is that goes on in the background; what was ticked for it is free again."""
    response = _shown(request, act.pk)
    return add_trigger(response, **{"inbox:untick": {}}) if is_fragment(request) else response


def _apply(request: HttpRequest, actor: Actor, chosen: Selection) -> HttpResponseBase:
    steps = with_despite(_steps(request, actor), despite_in(request.POST))
    if not chosen.count or not steps:
        raise Invalid(_("Choose what to change.") if chosen.count else _("No ticket is selected."))
    if chosen.is_whole or chosen.count > AT_ONCE:
        ids = chosen.all_ids(actor)
        return show_begun(request, begin_bulk(actor, ids, steps, name="tickets.bulk"))
    before = last_operation(actor)
    cleaned = clean_steps(steps)

    def change(acting: Actor, ticket: Ticket) -> None:
        for effect, params in cleaned:
            effect.apply(acting, ticket, params)

    report = actions.change_many(actor, chosen.ids, change, name="tickets.bulk")
    return show_changed(request, report, before)


def show_changed(request: HttpRequest, report: actions.BulkReport, before: int) -> HttpResponseBase:
    """What a few tickets say to a change that is done already."""
    words = ngettext("%(n)d ticket changed", "%(n)d tickets changed", report.changed) % {
        "n": report.changed
    }
    undo = undo_url(actor_of(request), before) if report.changed else ""
    if report.failures:
        context = {"words": words, "failures": sorted(report.failures.items())}
        response = show_piece(request, "bulk_report", context)
        if not is_fragment(request):
            return response
    elif is_fragment(request):
        response = render(request, "workspace/parts/nothing.html")
        add_trigger(response, closeDialog={})
    else:
        return with_toast(request, redirect("workspace:inbox"), words, undo=undo)
    add_trigger(response, **{"inbox:changed": {}, "inbox:untick": {}})
    return with_toast(request, response, words, undo=undo)


def _steps(request: HttpRequest, actor: Actor) -> list[Step]:
    """What the form asks for, as effects; each checked once before any ticket is touched."""
    given = request.POST
    steps: list[Step] = []

    def add(effect: str, **params: Any) -> None:
        steps.append({"effect": effect, "params": params})

    if wanted := given.get("assignee"):
        agents = Agent.objects.visible_to(actor)
        if wanted == "none":
            add("ticket.assign")
        else:
            add("ticket.assign", agent=get_object_or_404(agents, **_by(wanted, actor)).pk)
    if given.get("team") == "none":
        add("ticket.transfer")
    elif given.get("team", "").isdecimal():
        teams = Team.objects.visible_to(actor)
        add("ticket.transfer", team=get_object_or_404(teams, pk=whole_number(given["team"])).pk)
    if given.get("priority", "").isdecimal():
        rank = whole_number(given["priority"])
        if rank not in Priority.values:
            raise Invalid(_("There is no such priority."))
        add("ticket.set_priority", priority=rank)
    if given.get("kind"):
        add("ticket.set_kind", kind=given["kind"][:30])
    if given.get("category") == "none":
        add("ticket.set_category")
    elif given.get("category", "").isdecimal():
        add("ticket.set_category", category=whole_number(given["category"]))
    if given.get("tag", "").strip():
        add("ticket.tag", tag=given["tag"].strip()[:60])
    if given.get("untag", "").strip():
        add("ticket.untag", tag=given["untag"].strip()[:60])
    if given.get("snooze"):
        add("ticket.snooze", until=given["snooze"][:20])
    if given.get("status", "").isdecimal():
        found = get_object_or_404(Status, pk=whole_number(given["status"]), is_active=True)
        add("ticket.set_status", status=found.code)
    for name, on, off in (
        ("spam", "ticket.mark_spam", "ticket.unmark_spam"),
        ("trash", "ticket.trash", "ticket.restore"),
    ):
        if given.get(name) in ("0", "1"):
            add(on if given[name] == "1" else off)
    return steps


def _by(wanted: str, actor: Actor) -> dict[str, Any]:
    if wanted == "me":
        return {"person_id": actor.person_id}
    return {"pk": whole_number(wanted)}


@staff_view()
def acts(request: HttpRequest) -> HttpResponse:
    """One's own acts on many, newest first."""
    context = {"acts": list_acts(actor_of(request))} | shell_context(request)
    return render(request, "workspace/bulk_acts.html", context)


@staff_view()
def act(request: HttpRequest, act_id: int) -> HttpResponse:
    report = get_report(get_bulk(actor_of(request), act_id))
    response = show_piece(request, "bulk_act", {"report": report})
    if is_fragment(request) and report.is_finished:
        add_trigger(response, **{"inbox:changed": {}})
    return response


@staff_view("POST")
def cancel(request: HttpRequest, act_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    stopped = cancel_bulk(actor, get_bulk(actor, act_id))
    return _shown(request, stopped.pk)


@staff_view("POST")
def undo_act(request: HttpRequest, act_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    done = get_bulk(actor, act_id)
    try:
        begun = begin_undo(actor, done)
    except ActionError as refused:
        return with_toast(request, _shown(request, act_id), str(refused))
    return _shown(request, begun.pk)


def _shown(request: HttpRequest, act_id: int) -> HttpResponse:
    if not is_fragment(request):
        return redirect("workspace:bulk_act", act_id)
    report = get_report(get_bulk(actor_of(request), act_id))
    return render(request, "workspace/parts/bulk_act.html", {"report": report})
