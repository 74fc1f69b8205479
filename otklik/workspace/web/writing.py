"""Replies, notes and their drafts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Conflict, Missing
from otklik.kit.html import html_to_text, sanitise_rich_text, text_to_html
from otklik.kit.numbers import whole_number
from otklik.tickets import actions
from otklik.tickets.actions.guests import write_note
from otklik.tickets.contract import MAX_RECIPIENTS
from otklik.tickets.models import Draft, Message, Ticket, WaitingReply
from otklik.tickets.typed import MOST_FILES, Typed, typed_words
from otklik.ui.toasts import with_toast
from otklik.workspace.proofreading import warm_up
from otklik.workspace.queries.talk import message_html
from otklik.workspace.queries.ticket_page import get_ticket, get_working_ticket
from otklik.workspace.web import composing, sending
from otklik.workspace.web.again import again, take_up
from otklik.workspace.web.changes import pieces
from otklik.workspace.web.pointing import find_unseen, point_out
from otklik.workspace.web.shell import put_into
from otklik.workspace.web.solving import ask_on_page, question_of
from otklik.workspace.web.staff import actor_of, add_trigger, is_fragment, staff_view

_ABOUT_STATUS = ("incomplete", "open_items", "open_parts")


@staff_view("POST")
def messages(request: HttpRequest, number: int) -> HttpResponseBase:
    """Send a reply or save a note."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    take_up(request)
    if is_fragment(request) and (found := find_unseen(request, ticket)):
        return add_trigger(point_out(request, found), closeDialog={})
    unseen = _find_unseen_draft(request, actor, ticket)
    try:
        message = _write(request, actor, ticket)
    except Missing:
        raise
    except ActionError as refused:
        return _refuse(request, number, refused)
    if unseen is not None:
        actions.save_draft(actor, ticket, **unseen)
    if not isinstance(message, Message) or message.kind != "note":
        return sending.answer(request, number, message)
    words = _("Note saved")
    if not is_fragment(request):
        return with_toast(request, redirect("workspace:ticket", number), words)
    context = pieces(request, number)
    context |= composing.composer_context(request, actor, context["ticket"], message.pk)
    response = render(request, "workspace/parts/sent.html", context)
    add_trigger(response, **{"inbox:changed": {}, "message:sent": {"id": message.pk}})
    return with_toast(request, response, words)


@staff_view("POST", "DELETE")
def draft(request: HttpRequest, number: int) -> HttpResponseBase:
    """Keep what is typed, for the script; another window's text comes back with 409."""
    actor = actor_of(request)
    ticket = get_working_ticket(actor, number)
    if request.method == "DELETE":
        actions.drop_draft(actor, ticket, _kind(request.GET.get("kind")))
        return JsonResponse({}, status=200)
    try:
        saved = actions.save_draft(actor, ticket, **drafted(request))
    except Conflict as conflict:
        return JsonResponse({"words": str(conflict), **conflict.fields}, status=409)
    warm_up(saved.html)
    at = timezone.localtime(saved.updated_at).strftime("%H:%M")
    words = _("Draft saved at %(time)s") % {"time": at}
    return JsonResponse({"version": saved.version, "words": words})


def drafted(request: HttpRequest) -> dict[str, Any]:
    """What stands in the composer, as `save_draft` takes it."""
    given = request.POST
    return {
        "kind": _kind(given.get("kind")),
        "html": given.get("html", "")[:1_000_000],
        "recipients": _recipients(request),
        "uploads": given.getlist("uploads")[:MOST_FILES],
        "seen_message_id": whole_number(given.get("seen_message_id")) or 0,
        # 0 is a draft that this window has not saved yet: another one may have.
        "version": whole_number(given.get("version")),
    }


def _write(request: HttpRequest, actor: Actor, ticket: Ticket) -> Message | WaitingReply:
    given = request.POST
    if _kind(given.get("kind")) != "note":
        return sending.submit(request, actor, ticket)
    html = given.get("html", "")
    # Without scripts the field holds plain text.
    typed = Typed(html, given.get("rich") == "1", given.getlist("uploads"))
    return write_note(
        actor,
        ticket,
        words=typed_words(actor, typed),
        to_guests=bool(given.get("to_guests")),
        client_key=sending.key_in(given.get("client_key", "")),
    )


def _find_unseen_draft(request: HttpRequest, actor: Actor, ticket: Ticket) -> dict[str, Any] | None:
    """A draft that this window has not shown, from another one or come back from a mentor or a
    colleague: what is sent takes the place of the draft it was, not of that one."""
    given, kind = request.POST, _kind(request.POST.get("kind"))
    version = whole_number(given.get("version"))
    if version is None:
        return None
    rows = Draft.objects.filter(ticket=ticket, author=actor.person_id or 0, kind=kind)
    draft = rows.filter(version__gt=version).first()
    if draft is None:
        return None
    words, sent = html_to_text(draft.html).strip(), given.get("html", "")
    if not words or words in (html_to_text(sent) if given.get("rich") == "1" else sent):
        return None
    taken = given.getlist("uploads")
    return {
        "kind": kind,
        "html": draft.html,
        "recipients": draft.recipients,
        "uploads": [token for token in draft.uploads if token not in taken],
        "seen_message_id": draft.seen_message_id,
    }


def _recipients(request: HttpRequest) -> dict[str, Any]:
    """To whom the draft goes; one to a third party also says in which talk and about what."""
    given = request.POST
    found: dict[str, Any] = {
        name: given.getlist(name)[:MAX_RECIPIENTS] for name in ("to", "cc", "bcc")
    }
    if account := whole_number(given.get("from")):
        found["account"] = account
    if _kind(given.get("kind")) == "side":
        found["thread"] = whole_number(given.get("thread"))
        found["subject"] = given.get("subject", "")[:300]
    return found


def _refuse(request: HttpRequest, number: int, refused: ActionError) -> HttpResponseBase:
    """Above the composer, with what came in between; nothing typed is lost."""
    context: dict[str, Any] = {"words": str(refused), "crossing": [], "oob": False}
    ids = refused.fields.get("messages")
    if isinstance(refused, Conflict) and ids:
        context |= _side_by_side(request, ids)
    elif refused.code in _ABOUT_STATUS:
        context |= _about_status(request, refused)
    elif refused.code == "merged":
        there = get_working_ticket(actor_of(request), number).number
        context |= {"goes_on": there if there != number else None}
        context["kind"] = _kind(request.POST.get("kind"))
    else:
        details = [str(words) for words in refused.fields.values() if isinstance(words, str)]
        context["details"] = [words for words in details if words != str(refused)]
    if is_fragment(request):
        response = render(request, "workspace/parts/notice.html", context, status=refused.status)
        if refused.status not in (409, 422):
            response.status_code = 422
        return add_trigger(put_into(response, "#composer-notice"), closeDialog={})
    # A plain form: the page again with what was typed, as a draft.
    actor = actor_of(request)
    ticket = get_working_ticket(actor, number)
    kind = _kind(request.POST.get("kind"))
    actions.save_draft(
        actor,
        ticket,
        kind=kind,
        html=request.POST.get("html", "")[:1_000_000],
        recipients=_recipients(request),
        uploads=request.POST.getlist("uploads")[:MOST_FILES],
    )
    url = f"{reverse('workspace:ticket', args=[number])}?write={kind}#composer"
    if question := question_of(request, refused):
        return ask_on_page(request, number, question, back=url)
    return with_toast(request, redirect(url), str(refused))


def _about_status(request: HttpRequest, refused: ActionError) -> dict[str, Any]:
    """The words could go; the status that was to follow is what is refused."""
    question = question_of(request, refused)
    context = {"question": question, "unchanged": again(request, status="same")}
    if question is not None:
        context["despite"] = again(request, **dict.fromkeys(question.names, "1"))
    return context


def _side_by_side(request: HttpRequest, ids: list[int]) -> dict[str, Any]:
    """What came meanwhile and what is about to go out, both as they read."""
    rows = Message.objects.filter(pk__in=ids).select_related("body", "author", "author_identity")
    typed = request.POST.get("html", "")[:1_000_000]
    is_rich = request.POST.get("rich") == "1"
    mine = sanitise_rich_text(typed) if is_rich else text_to_html(typed)
    return {
        "crossing": [(row, message_html(row, [])[0]) for row in rows.order_by("id")],
        "mine": mark_safe(mine),  # noqa: S308 - cleaned or escaped by the line above
        "anyway": again(request, anyway="1"),
        "seen_message_id": max(ids),
    }


def _kind(given: str | None) -> str:
    return given if given in composing.KINDS else "public"
