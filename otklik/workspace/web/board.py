"""Moving a card: dropped on a column, by keys, or by its menu; always the ticket's own action."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Conflict, Invalid, Missing
from otklik.core.db import write
from otklik.kit.numbers import whole_number
from otklik.people.models import Agent
from otklik.tickets.actions import assign_ticket, change_status
from otklik.tickets.actions.status import require_status
from otklik.tickets.doors import lock_ticket
from otklik.tickets.models import Status, Ticket
from otklik.tickets.solving import Despite
from otklik.ui.toasts import with_toast
from otklik.workspace.queries import marks
from otklik.workspace.queries.asking import ask
from otklik.workspace.queries.board import get_board, list_places
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.listing import list_address
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.solving import (
    Question,
    ask_on_page,
    despite_in,
    find_question,
    question_of,
)
from otklik.workspace.web.staff import (
    actor_of,
    add_trigger,
    is_fragment,
    last_operation,
    staff_view,
    undo_url,
)


@staff_view("GET", "HEAD", "POST")
def place(request: HttpRequest, number: int) -> HttpResponseBase:
    """GET offers where the card may go, or with ``to`` asks whether it is meant; POST moves it
    ``to`` a column from where it ``was``."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    asked = ask(actor, request.GET)
    layout = "people" if asked.layout.layout == "people" else "board"
    if request.method == "POST":
        return _move(request, actor, ticket, layout)
    if to := whole_number(request.GET.get("to")):
        return _ask(request, actor, ticket, to)
    was = ticket.status_id if layout == "board" else ticket.assignee_id or 0
    context = list_address(asked) | {
        "ticket": ticket,
        "was": was,
        "places": [one for one in list_places(actor, ticket, layout) if one[0] != was],
        "by_status": layout == "board",
    }
    if is_fragment(request):
        return render(request, "workspace/parts/board_move.html", context)
    context |= shell_context(request, asked.current)
    return render(request, "workspace/board_move.html", context)


def _move(request: HttpRequest, actor: Actor, ticket: Ticket, layout: str) -> HttpResponseBase:
    before = last_operation(actor)
    to, was = whole_number(request.POST.get("to")), whole_number(request.POST.get("was"))
    status, undo = 200, ""
    question: Question | None = None
    try:
        if to is None:
            raise Invalid(_("Choose from the list."))
        words = _act(actor, ticket, layout, to, was, despite_in(request.POST))
        undo = undo_url(actor, before)
    except Missing:
        raise
    except ActionError as refused:
        words, status = str(refused), 409 if isinstance(refused, Conflict) else 422
        question = question_of(request, refused)
    if not is_fragment(request):
        url = f"{reverse('workspace:inbox')}?{request.GET.urlencode()}"
        if question is not None:
            return ask_on_page(request, ticket.number, question, back=url)
        return with_toast(request, redirect(url), words, undo=undo)
    asked = ask(actor, request.GET)
    board = get_board(actor, asked.filters, layout, asked.address())
    context = list_address(asked) | {"board": board}
    response = render(request, "workspace/parts/board.html", context, status=status)
    if question is not None:  # the card stays, and a dialog asks
        known = {name: "1" for name, value in despite_in(request.POST)._asdict().items() if value}
        address = asked.address(to=to, was=was, **known)
        url = f"{reverse('workspace:board', args=[ticket.number])}?{address}"
        return add_trigger(response, openDialog={"url": url})
    if status == 200:
        add_trigger(response, **{"closeDialog": {}, "board:moved": {"id": ticket.pk}})
    return with_toast(request, response, words, undo=undo)


def _ask(request: HttpRequest, actor: Actor, ticket: Ticket, to: int) -> HttpResponseBase:
    """Whether it is solved although something is not done; the same move again does it."""
    status = get_object_or_404(Status, pk=to, is_active=True)
    despite = despite_in(request.GET)
    context = list_address(ask(actor, request.GET)) | {"ticket": ticket, "to": to}
    context["was"] = whole_number(request.GET.get("was")) or ticket.status_id
    try:
        require_status(actor, ticket, status, despite)
    except Invalid as refused:
        context["question"] = find_question(actor, refused.code, str(refused), despite)
    return render(request, "workspace/parts/board_question.html", context)


def _act(
    actor: Actor, ticket: Ticket, layout: str, to: int, was: int | None, despite: Despite
) -> str:
    """What was done, in words. Raises Conflict when the card no longer stands where it was seen."""
    if layout == "people":
        agent = get_object_or_404(Agent.objects.visible_to(actor), pk=to) if to else None
        seen = {} if was is None else {"was": was or None}
        try:
            assign_ticket(actor, ticket, agent, **seen)  # type: ignore[arg-type]
        except Conflict:
            raise Conflict(_crossed_assignee(ticket), fields={}) from None
        name = agent.person.name if agent else _("Nobody")
        return _("№ %(number)d: %(who)s") % {"number": ticket.number, "who": name}
    status = get_object_or_404(Status, pk=to, is_active=True)
    with write():
        current = lock_ticket(actor, ticket)
        if was is not None and current.status_id != was:
            words = _("Meanwhile somebody set № %(number)d to “%(status)s”. It stays there.")
            told = {"number": current.number, "status": marks.status_words(current.status)}
            raise Conflict(words % told, fields={"status": current.status_id})
        change_status(actor, current, status, despite=despite)
    told = {"number": ticket.number, "status": marks.status_words(status)}
    return _("№ %(number)d: %(status)s") % told


def _crossed_assignee(ticket: Ticket) -> str:
    now = Ticket.objects.select_related("assignee__person").get(pk=ticket.pk)
    name = now.assignee.person.name if now.assignee else _("Nobody")
    words = _("Meanwhile № %(number)d was given to: %(who)s. It stays there.")
    return words % {"number": ticket.number, "who": name}
