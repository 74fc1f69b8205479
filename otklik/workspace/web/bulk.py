"""One change on many tickets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor, Invalid
from otklik.kit.numbers import whole_number
from otklik.people.models import Agent, Team
from otklik.tickets import actions
from otklik.tickets.models import Priority, Status, Ticket
from otklik.ui.toasts import with_toast
from otklik.workspace.queries import choices
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import (
    actor_of,
    add_trigger,
    is_fragment,
    last_operation,
    staff_view,
    undo_url,
)

Change = Callable[[Actor, Ticket], object]


@staff_view("GET", "HEAD", "POST")
def bulk(request: HttpRequest) -> HttpResponseBase:
    """GET asks what to change on ``tickets``; POST does it and says what could not change."""
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    parts = (part for value in given.getlist("tickets") for part in value.split(","))
    ids = [pk for pk in map(whole_number, parts) if pk is not None]
    context: dict[str, Any] = {"ids": ids, "count": len(ids)}
    if request.method == "POST":
        try:
            return _apply(request, actor, ids)
        except Invalid as refused:
            context["refusal"] = str(refused)
    context |= {
        "agents": choices.agent_choices(actor),
        "statuses": choices.status_choices(),
        "priorities": choices.priority_choices(),
        "teams": choices.team_choices(actor),
    }
    status = 422 if "refusal" in context else 200
    if is_fragment(request):
        return render(request, "workspace/parts/bulk.html", context, status=status)
    return render(request, "workspace/bulk.html", context | shell_context(request), status=status)


def _apply(request: HttpRequest, actor: Actor, ids: list[int]) -> HttpResponseBase:
    steps = list(_steps(request, actor))
    if not ids or not steps:
        raise Invalid(_("Choose what to change.") if ids else _("No ticket is selected."))
    before = last_operation(actor)

    def change(acting: Actor, ticket: Ticket) -> None:
        for step in steps:
            step(acting, ticket)

    report = actions.change_many(actor, ids, change, name="tickets.bulk")
    words = ngettext("%(n)d ticket changed", "%(n)d tickets changed", report.changed) % {
        "n": report.changed
    }
    undo = undo_url(actor, before) if report.changed else ""
    if report.failures:
        context = {"words": words, "failures": sorted(report.failures.items())}
        if is_fragment(request):
            response = render(request, "workspace/parts/bulk_report.html", context)
        else:
            full = context | shell_context(request)
            return render(request, "workspace/bulk_report.html", full)
    elif is_fragment(request):
        response = render(request, "workspace/parts/nothing.html")
        add_trigger(response, closeDialog={})
    else:
        return with_toast(request, redirect("workspace:inbox"), words, undo=undo)
    add_trigger(response, **{"inbox:changed": {}, "inbox:untick": {}})
    return with_toast(request, response, words, undo=undo)


def _steps(request: HttpRequest, actor: Actor) -> list[Change]:
    """What the form asks for, each checked once before any ticket is touched."""
    given = request.POST
    steps: list[Change] = []
    if given.get("assignee"):
        agents = Agent.objects.visible_to(actor)
        wanted = given["assignee"]
        agent = None if wanted == "none" else get_object_or_404(agents, **_by(wanted, actor))
        steps.append(lambda acting, ticket: actions.assign_ticket(acting, ticket, agent))
    if given.get("team", "").isdecimal():
        team = get_object_or_404(Team.objects.visible_to(actor), pk=whole_number(given["team"]))
        steps.append(lambda acting, ticket: actions.transfer_ticket(acting, ticket, team))
    if given.get("priority", "").isdecimal():
        rank = whole_number(given["priority"])
        if rank not in Priority.values:
            raise Invalid(_("There is no such priority."))
        raised = {"priority": rank}
        steps.append(lambda acting, ticket: actions.change_ticket(acting, ticket, raised))
    if given.get("tag", "").strip():
        tag = given["tag"].strip()[:60]
        steps.append(lambda acting, ticket: actions.tag_ticket(acting, ticket, tag))
    if given.get("status", "").isdecimal():
        status = get_object_or_404(Status, pk=whole_number(given["status"]), is_active=True)
        steps.append(lambda acting, ticket: actions.change_status(acting, ticket, status))
    if given.get("spam") == "1":
        steps.append(actions.mark_as_spam)
    if given.get("spam") == "0":
        steps.append(actions.unmark_spam)
    if given.get("trash") == "1":
        steps.append(actions.trash_ticket)
    if given.get("trash") == "0":
        steps.append(actions.restore_ticket)
    return steps


def _by(wanted: str, actor: Actor) -> dict[str, Any]:
    if wanted == "me":
        return {"person_id": actor.person_id}
    return {"pk": whole_number(wanted)}
