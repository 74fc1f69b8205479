"""Two people who may be one: suggestions, comparing, merging, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import ActionError, Actor, Conflict
from otklik.core.operations.actions import may_undo, undo_operation
from otklik.kit.numbers import whole_number
from otklik.people import policy
from otklik.people.actions import merge_people, recall_twins, share_requests, tell_apart
from otklik.people.models import Agent, Identity, MergeState, Person, PersonMerge
from otklik.people.permissions import MERGE, VIEW, VOUCH
from otklik.people.queries import find_persons, find_present
from otklik.people.twins import Reason, find_twins
from otklik.tickets.queries import Filters, count_bounded, list_tickets
from otklik.ui.toasts import with_toast
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.people_screens.rows import identity_lines, person_facts
from otklik.workspace.queries.navigation import spell_count
from otklik.workspace.settings_screens.doors import actor_of, done, open_to
from otklik.workspace.web.staff import is_fragment

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class TwinLine:
    person: Person
    name: str
    address: str
    why: str
    url: str  # where the two are compared
    apart_url: str = ""  # where they are said to be two


@dataclass(frozen=True, slots=True)
class MergeLine:
    """One merge into this person, as their page tells it."""

    id: int
    name: str
    who: str
    at: datetime
    is_running: bool
    is_parting: bool
    done: int
    total: int
    left: int
    undo_url: str
    share_url: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared."""

    person: Person
    name: str
    addresses: list[Any]
    facts: list[tuple[str, str]]
    tickets: str
    is_agent: bool


def find_twin_lines(actor: Actor, person: Person) -> list[TwinLine]:
    """Who may be the same, for those who may merge."""
    if not policy.can_merge_people(actor):
        return []
    page = reverse("people_screens:merge", args=[person.pk])
    return [
        TwinLine(
            person=twin.person,
            name=twin.person.name or twin.address or _("No name"),
            address=twin.address,
            why=_reason(twin.reason),
            url=f"{page}?with={twin.person.pk}",
            apart_url=reverse("people_screens:apart", args=[person.pk, twin.person.pk]),
        )
        for twin in find_twins(actor, person)
    ]


def list_merges(actor: Actor, person: Person) -> list[MergeLine]:
    """Newest first: those that stand, those at work, and the last that was taken apart."""
    rows = PersonMerge.objects.filter(kept=person).select_related("gone", "operation")
    found = [row for row in rows.order_by("-pk")[:_SHOWN] if row.state != MergeState.PARTED]
    strange = set(
        Identity.objects.filter(portal_person__in=[row.gone_id for row in found]).values_list(
            "portal_person_id", flat=True
        )
        if found
        else ()
    )
    people = Person.objects.in_bulk([row.operation.actor_id for row in found])
    return [
        MergeLine(
            id=row.pk,
            name=str(row.gone),
            who=str(people.get(row.operation.actor_id or 0) or _("Somebody")),
            at=row.began_at,
            is_running=row.is_running,
            is_parting=row.state == MergeState.PARTING,
            done=min(row.moved, row.total),
            total=row.total,
            left=row.left,
            undo_url=(
                reverse("people_screens:unmerge", args=[person.pk, row.pk])
                if may_undo(actor, row.operation) and row.state != MergeState.PARTING
                else ""
            ),
            share_url=(
                reverse("people_screens:share_requests", args=[person.pk, row.pk])
                if policy.can_vouch(actor) and row.gone_id in strange
                else ""
            ),
        )
        for row in found
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MERGE)
def merge(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """``with`` names the other one; GET compares them, POST says who ``stays``."""
    actor, person = actor_of(request), _find(request, person_id)
    given = request.POST if request.method == "POST" else request.GET
    wanted = whole_number(given.get("with"))
    other = None
    if wanted:
        rows = Person.objects.visible_to(actor).present().with_details()
        other = rows.filter(pk=wanted).exclude(pk=person.pk).first()
    context: dict[str, Any] = {"person": person, "other": other, "refusal": "", "twins": []}
    status = 200
    if request.method == "POST" and other is not None:
        stays = other if request.POST.get("stays") == str(other.pk) else person
        goes = person if stays is other else other
        try:
            made = merge_people(
                actor, stays, goes, is_agent_meant=request.POST.get("agent") == "yes"
            )
        except ActionError as refused:
            context["refusal"] = str(refused)
            context["asks_agent"] = refused.code == "kept_is_agent"
            status = 409 if isinstance(refused, Conflict) else 422
        else:
            words = _("%(name)s has been merged into %(stays)s")
            url = reverse("people_screens:person", args=[stays.pk])
            undo = reverse("people_screens:unmerge", args=[stays.pk, made.pk])
            return done(request, url, words % {"name": goes, "stays": stays}, undo=undo)
    if other is None:
        typed = given.get("with", "").strip()[:200]
        context["twins"] = _found(actor, person, typed) or find_twin_lines(actor, person)
    else:
        context["sides"] = [_side(actor, person), _side(actor, other)]
        context["stays"] = given.get("stays") or str(_likely(person, other).pk)
    return render_page(request, "workspace/people/merge.html", context, status=status)


@require_POST
@open_to(VIEW)
def unmerge(request: HttpRequest, person_id: int, merge_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    row = _merge(request, person_id, merge_id)
    page = reverse("people_screens:person", args=[row.kept_id])
    try:
        undo_operation(actor, row.operation)
    except ActionError as refused:
        return done(request, page, str(refused))
    return done(request, page, _("%(name)s is a person of their own again") % {"name": row.gone})


@require_POST
@open_to(VOUCH)
def share(request: HttpRequest, person_id: int, merge_id: int) -> HttpResponseBase:
    """An administrator knows that both are one: each address opens all requests in the portal."""
    row = _merge(request, person_id, merge_id)
    page = reverse("people_screens:person", args=[row.kept_id])
    try:
        share_requests(actor_of(request), row)
    except ActionError as refused:
        return done(request, page, str(refused))
    return done(request, page, _("In the portal they see all their requests now"))


@require_safe
@open_to(VIEW)
def progress(request: HttpRequest, person_id: int) -> HttpResponse:
    """The part of the page that tells of merges, while one is at work."""
    person = _find(request, person_id)
    context = {"person": person, "merges": list_merges(actor_of(request), person)}
    return render(request, "workspace/people/parts/merges.html", context)


@require_POST
@open_to(MERGE)
def apart(request: HttpRequest, person_id: int, other_id: int) -> HttpResponseBase:
    """They are two; ``?undo=1`` takes that back."""
    actor, person, other = actor_of(request), _find(request, person_id), _find(request, other_id)
    page = reverse("people_screens:person", args=[person.pk])
    here = reverse("people_screens:apart", args=[person.pk, other.pk])
    try:
        if request.GET.get("undo"):
            recall_twins(actor, person, other)
            words, undo = _("They may be one after all"), here
        else:
            tell_apart(actor, person, other)
            words, undo = _("They are two and are suggested no more"), f"{here}?undo=1"
    except ActionError as refused:
        words, undo = str(refused), ""
    if not is_fragment(request):
        return with_toast(request, redirect(page), words, undo=undo)
    context = {"person": person, "twins": find_twin_lines(actor, person)}
    answer = render(request, "workspace/people/parts/twins.html", context)
    return with_toast(request, answer, words, undo=undo)


def present_url(person: Person) -> str:
    """Where somebody who was merged is found now; "" for everybody else."""
    if person.merged_into_id is None or person.erased_at is not None:
        return ""
    return reverse("people_screens:person", args=[find_present(person).pk])


def redirect_to_present(person: Person) -> HttpResponseBase | None:
    url = present_url(person)
    return redirect(url) if url else None


def _find(request: HttpRequest, person_id: int) -> Person:
    rows = Person.objects.visible_to(actor_of(request)).present().with_details()
    found: Person | None = rows.filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


def _merge(request: HttpRequest, person_id: int, merge_id: int) -> PersonMerge:
    seen = Person.objects.visible_to(actor_of(request)).filter(pk=person_id)
    rows = PersonMerge.objects.filter(kept__in=seen).select_related("gone", "kept", "operation")
    return get_object_or_404(rows, pk=merge_id)


def _found(actor: Actor, person: Person, typed: str) -> list[TwinLine]:
    """By name or address, for who chooses without a script."""
    found = {row.id: row for row in find_persons(actor, typed, limit=_SHOWN)} if typed else {}
    people = Person.objects.in_bulk(pk for pk in found if pk != person.pk)
    page = reverse("people_screens:merge", args=[person.pk])
    return [
        TwinLine(each, str(each), found[pk].address, found[pk].organisation, f"{page}?with={pk}")
        for pk, each in people.items()
    ]


def _side(actor: Actor, person: Person) -> Side:
    tickets = count_bounded(list_tickets(actor, Filters(list="any", requester=person.pk)))
    facts = person_facts(person)
    if person.organisation is not None:
        facts.insert(0, (_("Organisation"), person.organisation.name))
    return Side(
        person=person,
        name=str(person),
        addresses=identity_lines(actor, person),
        facts=facts,
        tickets=spell_count(tickets),
        is_agent=Agent.objects.filter(person=person).exists(),
    )


def _likely(person: Person, other: Person) -> Person:
    """Who had better stay: an agent, else whoever was known first."""
    if Agent.objects.filter(person=other).exists():
        return other
    if Agent.objects.filter(person=person).exists():
        return person
    return min(person, other, key=lambda each: each.pk)


def _reason(reason: Reason) -> str:
    return {
        Reason.ADDRESS: _("Nearly the same address"),
        Reason.PHONE: _("The same phone number"),
        Reason.NAME: _("The same name and organisation"),
    }[reason]
