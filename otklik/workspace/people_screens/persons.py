"""Customers: the list, one's page, and what is done there."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import ActionError, Invalid
from otklik.people import policy
from otklik.people.actions import (
    add_identity,
    block_person,
    change_person,
    create_person,
    forget_trouble,
    make_primary,
    unblock_person,
    verify_identity,
)
from otklik.people.looks import PERSON_PAGE, note_look
from otklik.people.models import Identity, Person, VerifiedHow
from otklik.people.permissions import CHANGE, ERASE, EXPORT, LOOKS, VIEW, VOUCH
from otklik.people.queries import find_persons, get_person, list_persons
from otklik.workspace.people_screens.forms import (
    AddressForm,
    PersonPageForm,
    conflict_rows,
    take_version,
)
from otklik.workspace.people_screens.merging import (
    find_twin_lines,
    list_merges,
    redirect_to_present,
)
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.people_screens.panel import panel_context
from otklik.workspace.people_screens.rows import identity_lines, tickets_of
from otklik.workspace.queries.custom import values_context
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of


@require_safe
@open_to(VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """By name, a page at a time; a search shows the best ones only."""
    actor, query = actor_of(request), request.GET.get("q", "").strip()[:200]
    if query:
        context: dict[str, Any] = {"rows": find_persons(actor, query), "q": query}
    else:
        try:
            page = list_persons(actor, cursor=request.GET.get("cursor", "")[:500])
        except ValueError:
            raise Http404 from None
        context = {"rows": page.rows, "next": page.next, "previous": page.previous, "q": ""}
    context["may_change"] = policy.can_change_people(actor)
    return render_page(request, "workspace/people/persons.html", context)


@require_safe
@open_to(VIEW)
def show(request: HttpRequest, person_id: int) -> HttpResponseBase:
    person = find_person_or_404(request, person_id)
    if elsewhere := redirect_to_present(person):
        return elsewhere
    note_look(actor_of(request), person.pk, PERSON_PAGE)
    return _page(request, person, AddressForm())


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE)
def new(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    form = PersonPageForm(request.POST or None, actor=actor)
    made: list[Person] = []
    if request.method == "POST" and form.is_valid():
        changes = {key: value for key, value in form.changes().items() if key != "version"}
        if saved(form, lambda: made.append(create_person(actor, **changes))):
            url = reverse("people_screens:person", args=[made[0].pk])
            return done(request, url, _("%(name)s is in the list") % {"name": made[0]})
    context = {"form": form, "person": None}
    return render_page(
        request, "workspace/people/person_form.html", context, status=status_of(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE)
def change(request: HttpRequest, person_id: int) -> HttpResponseBase:
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    form = PersonPageForm(request.POST or None, actor=actor, person=person)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: change_person(actor, person, **form.changes()))
    ):
        url = reverse("people_screens:person", args=[person.pk])
        return done(request, url, _("Saved"))
    context = {"form": form, "person": person, "conflict_rows": conflict_rows(form)}
    if context["conflict_rows"]:
        take_version(form, Person.objects.values_list("version", flat=True).get(pk=person.pk))
    return render_page(
        request, "workspace/people/person_form.html", context, status=status_of(form)
    )


@require_POST
@open_to(CHANGE)
def block(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """``?undo=1`` takes it back."""
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    page = reverse("people_screens:person", args=[person.pk])
    here = reverse("people_screens:block", args=[person.pk])
    if request.GET.get("undo"):
        unblock_person(actor, person)
        return done(request, page, _("%(name)s may write again") % {"name": person}, undo=here)
    block_person(actor, person)
    words = _("Nothing more is taken from %(name)s") % {"name": person}
    return done(request, page, words, undo=f"{here}?undo=1")


@require_POST
@open_to(CHANGE)
def add_address(request: HttpRequest, person_id: int) -> HttpResponseBase:
    actor, person = actor_of(request), find_person_or_404(request, person_id)
    form = AddressForm(request.POST)
    if form.is_valid() and saved(
        form,
        lambda: add_identity(actor, person, kind="email", value=form.cleaned_data["email"]),
    ):
        url = reverse("people_screens:person", args=[person.pk])
        return done(request, url, _("The address is noted. It is not confirmed yet"))
    return _page(request, person, form)


@require_POST
@open_to(CHANGE)
def prefer_address(request: HttpRequest, person_id: int, identity_id: int) -> HttpResponseBase:
    person, identity = _identity(request, person_id, identity_id)
    before = person.identities.filter(kind=identity.kind, is_primary=True).first()
    make_primary(actor_of(request), identity)
    undo = (
        reverse("people_screens:prefer_address", args=[person.pk, before.pk])
        if before is not None and before.pk != identity.pk
        else ""
    )
    words = _("Letters go to %(address)s from now on") % {"address": identity}
    url = reverse("people_screens:person", args=[person.pk])
    return done(request, url, words, undo=undo)


@require_POST
@open_to(CHANGE)
def trust_address(request: HttpRequest, person_id: int, identity_id: int) -> HttpResponseBase:
    """Letters may go there again, whatever delivery reports said."""
    person, identity = _identity(request, person_id, identity_id)
    forget_trouble(actor_of(request), identity)
    url = reverse("people_screens:person", args=[person.pk])
    return done(request, url, _("Letters go to %(address)s again") % {"address": identity})


@require_POST
@open_to(VOUCH)
def vouch(request: HttpRequest, person_id: int, identity_id: int) -> HttpResponseBase:
    """An administrator knows that the address is theirs."""
    person, identity = _identity(request, person_id, identity_id)
    verify_identity(actor_of(request), identity, VerifiedHow.STAFF)
    url = reverse("people_screens:person", args=[person.pk])
    return done(request, url, _("%(address)s is confirmed") % {"address": identity})


def find_person_or_404(request: HttpRequest, person_id: int) -> Person:
    try:
        return get_person(actor_of(request), person_id)
    except Person.DoesNotExist:
        raise Http404 from None


def _identity(request: HttpRequest, person_id: int, identity_id: int) -> tuple[Person, Identity]:
    person = find_person_or_404(request, person_id)
    identity: Identity = get_object_or_404(
        Identity.objects.visible_to(actor_of(request)).select_related("person"),
        pk=identity_id,
        person=person,
    )
    return person, identity


def _page(request: HttpRequest, person: Person, form: AddressForm) -> HttpResponse:
    actor = actor_of(request)
    try:
        tickets = tickets_of(actor, request.GET.get("cursor", "")[:500], requester=person.pk)
    except Invalid:
        raise Http404 from None
    except ActionError:
        tickets = None
    context = {
        **values_context(actor, person),
        **panel_context(request, person),
        "identities": identity_lines(actor, person),
        "tickets": tickets,
        "form": form,
        "may_change": policy.can_change_people(actor) and person.erased_at is None,
        "is_page": True,
        "may_block": policy.can_block_person(actor, person) and person.erased_at is None,
        "may_merge": policy.can_merge_people(actor) and person.erased_at is None,
        "twins": find_twin_lines(actor, person),
        "merges": list_merges(actor, person),
        "may_see_data": any(actor.can(each) for each in (EXPORT, ERASE, LOOKS)),
    }
    return render_page(request, "workspace/people/person.html", context, status=status_of(form))
