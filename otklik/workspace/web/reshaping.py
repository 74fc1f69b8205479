"""Merging, splitting and linking tickets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import ActionError, Invalid, Missing
from otklik.kit.numbers import whole_number
from otklik.tickets import actions
from otklik.tickets.models import Ticket
from otklik.tickets.queries.links import list_links
from otklik.ui.toasts import with_toast
from otklik.workspace.queries.merging import get_plan
from otklik.workspace.queries.splitting import list_movable
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.bulk import ticked_ids
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import show_piece
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view


@staff_view("GET", "HEAD", "POST")
def merge(request: HttpRequest) -> HttpResponseBase:
    """GET shows what would be joined; POST joins it. ``tickets`` are ids, ``numbers`` typed."""
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    ids = ticked_ids(given)
    target = whole_number(given.get("target"))
    context: dict[str, Any] = {"plan": get_plan(actor, ids, target)}
    typed: list[int] = []
    if request.method == "POST":
        try:
            typed = _by_numbers(request, given.get("numbers", ""))
            return _merge(request, [*ids, *typed], target)
        except Missing as refused:
            context |= {"refusal": str(refused), "status": 404}
        except ActionError as refused:
            context |= {"refusal": str(refused), "status": refused.status}
            context["asks_across"] = refused.code == "other_customer"
            context["plan"] = get_plan(actor, [*ids, *typed], target)
    status = context.pop("status", 200)
    return show_piece(request, "merge", context, status=_in_dialog(request, status))


def _merge(request: HttpRequest, ids: list[int], target: int | None) -> HttpResponseBase:
    actor = actor_of(request)
    known = {row.pk: row for row in Ticket.objects.visible_to(actor).filter(pk__in=ids)}
    if target is None:
        raise Invalid(_("Choose which ticket stays."))
    stays = known.get(target) or Ticket.objects.visible_to(actor).filter(pk=target).first()
    if stays is None:
        raise Missing(_("There is no such ticket, or it is not yours to see."))
    sources = [row for pk, row in known.items() if pk != target]
    operation = actions.merge_tickets(
        actor, stays, sources, across_customers=request.POST.get("across") == "1"
    )
    words = ngettext(
        "%(count)d ticket was merged into № %(number)d",
        "%(count)d tickets were merged into № %(number)d",
        len(sources),
    ) % {"count": len(sources), "number": stays.number}
    undo = reverse("workspace:undo", args=[operation.pk])
    return _led_to(request, stays.number, words, undo)


def _in_dialog(request: HttpRequest, status: int) -> int:
    """What a script puts where the question stood: pages of 403 and 404 it would not."""
    return status if status in (200, 409) or not is_fragment(request) else 422


def _led_to(request: HttpRequest, number: int, words: str, undo: str) -> HttpResponseBase:
    url = reverse("workspace:ticket", args=[number])
    # A script would follow a redirect by itself and put the page into the dialog.
    led: HttpResponseBase = redirect(url)
    if is_fragment(request):
        led = HttpResponse(status=204, headers={"HX-Redirect": url})
    return with_toast(request, led, words, undo=undo)


def _by_numbers(request: HttpRequest, text: str) -> list[int]:
    """Ids behind typed numbers. Raises Missing naming the first that is none to see."""
    found = []
    for word in text.replace(",", " ").replace("№", " ").replace("#", " ").split()[:20]:
        number = whole_number(word)
        rows = Ticket.objects.visible_to(actor_of(request)).filter(number=number or 0)
        ticket = rows.first() if number is not None and number < 1 << 63 else None
        if ticket is None:
            raise Missing(
                _("There is no № %(number)s, or it is not yours to see.") % {"number": word}
            )
        found.append(ticket.pk)
    return found


@staff_view("GET", "HEAD", "POST")
def split(request: HttpRequest, number: int) -> HttpResponseBase:
    """GET asks which messages go to a new ticket; POST moves them."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    given = request.POST if request.method == "POST" else request.GET
    chosen = [pk for pk in map(whole_number, given.getlist("messages")) if pk is not None]
    context: dict[str, Any] = {"ticket": ticket, "subject": given.get("subject", "")[:300]}
    status = 200
    if request.method == "POST":
        try:
            new, operation = actions.split_ticket(actor, ticket, chosen, subject=context["subject"])
        except Missing:
            raise
        except ActionError as refused:
            context["refusal"], status = str(refused), refused.status
        else:
            words = _("№ %(number)d was split off") % {"number": new.number}
            undo = reverse("workspace:undo", args=[operation.pk])
            return _led_to(request, new.number, words, undo)
    context["movable"] = list_movable(actor, ticket, chosen)
    return show_piece(request, "split", context, status=_in_dialog(request, status))


@ticket_change
def links(request: HttpRequest, number: int) -> HttpResponseBase:
    """Tie it to another ticket, by ``kind``, or with ``off`` take the tie away."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    given = request.POST
    kind, other_number = given.get("kind", ""), whole_number(given.get("other", "").lstrip("№# "))
    if other_number is None:
        words = _("Say the number of the other ticket.")
        raise Invalid(words, fields={"other": words})
    try:
        other = get_ticket(actor, other_number)
    except Missing:
        words = _("There is no № %(number)d, or it is not yours to see.")
        raise Invalid(words % {"number": other_number}) from None
    one, two = (other, ticket) if kind in ("parent", "original") else (ticket, other)
    stored = {"parent": "child", "original": "duplicate"}.get(kind, kind)
    if given.get("value") == "off":
        actions.unlink_tickets(actor, one, two, stored)
        words = _("№ %(number)d is linked no longer") % {"number": other.number}
        return changed(request, number, words)
    actions.link_tickets(actor, one, two, stored, is_followed=given.get("follow") == "1")
    return changed(request, number, _("Linked with № %(number)d") % {"number": other.number})


@ticket_change
def parts(request: HttpRequest, number: int) -> HttpResponseBase:
    """Solve every part that is still open, in one operation."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    open_parts = list_links(actor, ticket.pk).open_children
    report = actions.change_many(
        actor,
        [part.pk for part in open_parts],
        actions.solve_ticket,
        name="tickets.solve_parts",
    )
    if report.failures:
        told = "; ".join(f"№ {one}: {why}" for one, why in sorted(report.failures.items())[:3])
        raise Invalid(told)
    words = ngettext("%(n)d part solved", "%(n)d parts solved", report.changed)
    return changed(request, number, words % {"n": report.changed})
