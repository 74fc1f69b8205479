"""Replies, notes and their drafts."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Conflict, Invalid, Missing
from otklik.kit.html import sanitise_rich_text, text_to_html
from otklik.kit.numbers import whole_number
from otklik.tickets import actions
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import MAX_RECIPIENTS, Words
from otklik.tickets.models import Message, Ticket
from otklik.ui.toasts import with_toast
from otklik.workspace.actions import send_reply
from otklik.workspace.proofreading import warm_up
from otklik.workspace.queries.talk import message_html
from otklik.workspace.queries.ticket_page import get_composer, get_ticket
from otklik.workspace.web.changes import pieces
from otklik.workspace.web.pointing import find_unseen, point_out
from otklik.workspace.web.staff import actor_of, add_trigger, is_fragment, staff_view

_INLINE = re.compile(r"/uploads/([A-Za-z0-9_-]{10,32})/")
MOST_FILES = 50


@staff_view("POST")
def messages(request: HttpRequest, number: int) -> HttpResponseBase:
    """Send a reply or save a note."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if is_fragment(request) and (found := find_unseen(request, ticket)):
        return point_out(request, found)
    try:
        message = _write(request, actor, ticket)
    except Missing:
        raise
    except ActionError as refused:
        return _refuse(request, number, refused)
    is_note = message.kind == "note"
    words = _("Note saved") if is_note else _("Reply on its way")
    status = get_ticket(actor, number).status_kind
    if not is_fragment(request):
        return with_toast(request, redirect("workspace:ticket", number), words)
    context = pieces(request, number)
    context["composer"] = get_composer(actor, context["ticket"], message.pk)
    response = render(request, "workspace/parts/sent.html", context)
    gone = {"ticket:solved": {"id": ticket.pk}} if status == "solved" else {}
    add_trigger(response, **{"inbox:changed": {}, "message:sent": {"id": message.pk}, **gone})
    return with_toast(request, response, words)


@staff_view("POST", "DELETE")
def draft(request: HttpRequest, number: int) -> HttpResponseBase:
    """Keep what is typed, for the script; another window's text comes back with 409."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if request.method == "DELETE":
        actions.drop_draft(actor, ticket, _kind(request.GET.get("kind")))
        return JsonResponse({}, status=200)
    version = request.POST.get("version", "")
    try:
        saved = actions.save_draft(
            actor,
            ticket,
            kind=_kind(request.POST.get("kind")),
            html=request.POST.get("html", "")[:1_000_000],
            recipients={
                name: request.POST.getlist(name)[:MAX_RECIPIENTS] for name in ("to", "cc", "bcc")
            },
            uploads=request.POST.getlist("uploads")[:MOST_FILES],
            seen_message_id=whole_number(request.POST.get("seen_message_id")) or 0,
            version=whole_number(version) or None,
        )
    except Conflict as conflict:
        return JsonResponse({"words": str(conflict), **conflict.fields}, status=409)
    warm_up(saved.html)
    at = timezone.localtime(saved.updated_at).strftime("%H:%M")
    words = _("Draft saved at %(time)s") % {"time": at}
    return JsonResponse({"version": saved.version, "words": words})


def words_of(actor: Actor, html: str, text: str, tokens: list[str]) -> Words:
    """What was typed with its files; pictures among the words become parts of the message.

    Raises Missing for a file that is no longer there.
    """
    inline = [token for token in dict.fromkeys(_INLINE.findall(html)) if token not in tokens]
    files = actions.take_uploads(actor, [*tokens[:MOST_FILES], *inline[:MOST_FILES]])

    def place(address: str) -> str | None:
        found = _INLINE.search(address)
        return f"cid:{found.group(1)}" if found and found.group(1) in inline else None

    return written_by_hand(html=html, text=text, files=files, image_url=place, by_staff=True)


def _write(request: HttpRequest, actor: Actor, ticket: Ticket) -> Message:
    given = request.POST
    html = given.get("html", "")
    # Without scripts the field holds plain text.
    is_rich = given.get("rich") == "1"
    words = words_of(
        actor, html if is_rich else "", "" if is_rich else html, given.getlist("uploads")
    )
    key = _key(given.get("client_key", ""))
    if _kind(given.get("kind")) == "note":
        return actions.add_note(actor, ticket, words=words, client_key=key)
    return send_reply(
        actor,
        ticket,
        words=words,
        to=_addresses(given.getlist("to")),
        cc=_addresses(given.getlist("cc")),
        bcc=_addresses(given.getlist("bcc")),
        status=given.get("status", ""),
        seen_message_id=None if given.get("anyway") else whole_number(given.get("seen_message_id")),
        client_key=key,
    )


def _refuse(request: HttpRequest, number: int, refused: ActionError) -> HttpResponseBase:
    """Above the composer, with what came in between; nothing typed is lost."""
    context: dict[str, Any] = {"words": str(refused), "crossing": [], "oob": False}
    ids = refused.fields.get("messages")
    if isinstance(refused, Conflict) and ids:
        context |= _side_by_side(request, ids)
    else:
        details = [str(words) for words in refused.fields.values() if isinstance(words, str)]
        context["details"] = [words for words in details if words != str(refused)]
    if is_fragment(request):
        response = render(request, "workspace/parts/notice.html", context, status=refused.status)
        if refused.status not in (409, 422):
            response.status_code = 422
        response.headers["HX-Retarget"] = "#composer-notice"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    # A plain form: the page again with what was typed, as a draft.
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    kind = _kind(request.POST.get("kind"))
    actions.save_draft(
        actor,
        ticket,
        kind=kind,
        html=request.POST.get("html", "")[:1_000_000],
        recipients={
            name: request.POST.getlist(name)[:MAX_RECIPIENTS] for name in ("to", "cc", "bcc")
        },
        uploads=request.POST.getlist("uploads")[:MOST_FILES],
    )
    url = f"{reverse('workspace:ticket', args=[number])}?write={kind}#composer"
    return with_toast(request, redirect(url), str(refused))


def _side_by_side(request: HttpRequest, ids: list[int]) -> dict[str, Any]:
    """What came meanwhile and what is about to go out, both as they read."""
    rows = Message.objects.filter(pk__in=ids).select_related("body", "author", "author_identity")
    typed = request.POST.get("html", "")[:1_000_000]
    is_rich = request.POST.get("rich") == "1"
    mine = sanitise_rich_text(typed) if is_rich else text_to_html(typed)
    return {
        "crossing": [(row, message_html(row, [])[0]) for row in rows.order_by("id")],
        "mine": mark_safe(mine),  # noqa: S308 - cleaned or escaped by the line above
        "wanted_status": request.POST.get("status", "")[:20],
        "seen_message_id": max(ids),
    }


def _kind(given: str | None) -> str:
    return "note" if given == "note" else "public"


def _addresses(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in re.split(r"[,;\n]", value) if part.strip()]


def _key(given: str) -> UUID | None:
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Invalid(_("This form is out of date. Load the page again.")) from None
