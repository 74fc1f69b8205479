"""The customer panel: facts, notes and consent of one person or organisation, beside a ticket and
on their own page. Its forms answer with the panel anew; without a script, with the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from otklik.core.access import ActionError, Conflict, Invalid
from otklik.kit.numbers import whole_number
from otklik.people import policy
from otklik.people.actions import (
    block_person,
    change_customer_note,
    record_consent,
    remove_customer_note,
    unblock_person,
    write_customer_note,
)
from otklik.people.looks import PERSON_PAGE, note_look
from otklik.people.models import (
    Consent,
    ConsentHow,
    ConsentKind,
    CustomerNote,
    Organisation,
    Person,
)
from otklik.people.permissions import CHANGE, VIEW
from otklik.people.queries import find_present
from otklik.people.segments import segments_of
from otklik.ui.toasts import with_toast
from otklik.workspace.people_screens.panels import render_panels
from otklik.workspace.people_screens.rows import person_facts
from otklik.workspace.queries.custom import values_context
from otklik.workspace.queries.person_card import manager_name
from otklik.workspace.settings_screens.doors import actor_of, open_to
from otklik.workspace.web.staff import is_fragment, last_operation, undo_url

_NOTES = 50
_HISTORY = 30


@dataclass(frozen=True, slots=True)
class NoteLine:
    id: int
    text: str
    who: str
    at: datetime
    changed_at: datetime | None
    is_pinned: bool
    version: int


@dataclass(frozen=True, slots=True)
class Said:
    """One answer in the history of a consent."""

    is_given: bool
    is_current: bool
    how: str
    at: datetime
    who: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One kind: the last word on it, and what was said before."""

    id: int
    name: str
    is_active: bool
    last: Said | None
    history: list[Said]


def panel_context(request: HttpRequest, about: Person | Organisation) -> dict[str, Any]:
    """Everything the panel shows; for its own address and for the page it stands on."""
    actor = actor_of(request)
    context: dict[str, Any] = {
        "about": about,
        "notes": list_notes(about),
        "segments": segments_of(about),
        "may_change": policy.can_change_people(actor) and getattr(about, "erased_at", None) is None,
        "manager": manager_name(actor, about.account_manager_id),
        "panel_id": f"panel-{'person' if isinstance(about, Person) else 'organisation'}",
    }
    if isinstance(about, Organisation):
        url = reverse("people_screens:organisation_notes", args=[about.pk])
        return context | {"notes_url": url}
    inherited = about.organisation.account_manager_id if about.organisation else None
    return context | {
        **values_context(actor, about),
        "person": about,
        "facts": person_facts(about),
        "inherited_manager": "" if about.account_manager_id else manager_name(actor, inherited),
        "consents": list_consents(about),
        "hows": ConsentHow.choices,
        "today": timezone.localdate().isoformat(),
        "may_block": policy.can_block_person(actor, about) and about.erased_at is None,
        "panels": render_panels(request, about),
        "notes_url": reverse("people_screens:notes", args=[about.pk]),
    }


def list_notes(about: Person | Organisation) -> list[NoteLine]:
    """Pinned ones first, then the newest."""
    rows = CustomerNote.objects.filter(removed_at=None)
    rows = (
        rows.filter(person=about) if isinstance(about, Person) else rows.filter(organisation=about)
    )
    found = list(rows.select_related("author").order_by("-pk")[:_NOTES])
    found.sort(key=lambda row: row.pinned_at is None)
    return [
        NoteLine(
            id=row.pk,
            text=row.text,
            who=str(row.author) if row.author else _("Somebody"),
            at=row.created_at,
            changed_at=row.changed_at,
            is_pinned=row.pinned_at is not None,
            version=row.version,
        )
        for row in found
    ]


def list_consents(person: Person) -> list[ConsentLine]:
    """Every kind that is asked for or was answered."""
    language = (get_language() or "").partition("-")[0]
    rows = list(Consent.objects.filter(person=person).order_by("-at", "-pk")[: _HISTORY * 5])
    people = Person.objects.in_bulk({row.actor_id for row in rows if row.actor_id})
    said: dict[int, list[Said]] = {}
    for row in rows:
        who = people.get(row.actor_id or 0) if row.actor_kind in ("agent", "customer") else None
        said.setdefault(row.kind_id, []).append(
            Said(
                is_given=row.is_given,
                is_current=row.is_current,
                how=str(ConsentHow(row.how).label),
                at=row.at,
                who=str(who) if who else _("A program"),
                evidence=row.evidence,
            )
        )
    lines = []
    for kind in ConsentKind.objects.all():
        history = said.get(kind.pk, [])
        if kind.is_active or history:
            last = next((each for each in history if each.is_current), None)
            lines.append(
                ConsentLine(kind.pk, kind.label(language), kind.is_active, last, history[:_HISTORY])
            )
    return lines


@require_safe
@open_to(VIEW)
def panel(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """The panel beside a ticket, when it is opened."""
    person = _person(request, person_id)
    if not is_fragment(request):
        return redirect("people_screens:person", person.pk)
    note_look(actor_of(request), person.pk, PERSON_PAGE)
    return _panel(request, person)


@require_POST
@open_to(CHANGE)
def write_note(request: HttpRequest, person_id: int) -> HttpResponseBase:
    return _write_note(request, _person(request, person_id))


@require_POST
@open_to(CHANGE)
def write_organisation_note(request: HttpRequest, organisation_id: int) -> HttpResponseBase:
    rows = Organisation.objects.visible_to(actor_of(request))
    return _write_note(request, get_object_or_404(rows, pk=organisation_id))


@require_POST
@open_to(CHANGE)
def alter_note(request: HttpRequest, note_id: int) -> HttpResponseBase:
    """``text`` with ``version``, ``pin`` 1 or 0, or ``remove``."""
    actor, note = actor_of(request), _note(request, note_id)
    about = note.person or note.organisation
    assert about is not None
    given = request.POST
    if given.get("remove"):
        return act_in_panel(
            request,
            about,
            lambda: remove_customer_note(actor, note),
            _("Note removed"),
            focus=("notes", 0),
        )
    if "pin" in given:
        is_pinned = given["pin"] == "1"
        words = _("The note is at the top") if is_pinned else _("The note is no longer at the top")
        return act_in_panel(
            request,
            about,
            lambda: change_customer_note(actor, note, is_pinned=is_pinned),
            words,
            focus=("pin", note.pk),
        )

    def change() -> None:
        version = whole_number(given.get("version"))
        change_customer_note(actor, note, text=given.get("text", ""), version=version)

    return act_in_panel(
        request, about, change, _("Saved"), typed={"note": note.pk}, focus=("change", note.pk)
    )


@require_POST
@open_to(CHANGE)
def say_consent(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """``kind``, ``given`` 1 or 0, ``how``, ``on`` a date, ``evidence``."""
    actor, person = actor_of(request), _person(request, person_id)
    given = request.POST
    kind = get_object_or_404(ConsentKind, pk=whole_number(given.get("kind")) or 0)

    def act() -> None:
        record_consent(
            actor,
            person,
            kind,
            is_given=given.get("given") == "1",
            how=given.get("how", ""),
            evidence=given.get("evidence", ""),
            at=_day(given.get("on", "")),
        )

    return act_in_panel(
        request,
        person,
        act,
        _("Written down"),
        typed={"kind": kind.pk},
        focus=("consent", kind.pk),
    )


@require_POST
@open_to(CHANGE)
def block(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """From the panel; ``?undo=1`` takes it back."""
    actor, person = actor_of(request), _person(request, person_id)
    here = reverse("people_screens:panel_block", args=[person.pk])
    if request.GET.get("undo"):
        words = _("%(name)s may write again") % {"name": person}
        return act_in_panel(
            request,
            person,
            lambda: unblock_person(actor, person),
            words,
            undo=here,
            focus=("block", 0),
        )
    words = _("Nothing more is taken from %(name)s") % {"name": person}
    undo = f"{here}?undo=1"
    return act_in_panel(
        request,
        person,
        lambda: block_person(actor, person),
        words,
        undo=undo,
        focus=("block", 0),
    )


def _write_note(request: HttpRequest, about: Person | Organisation) -> HttpResponseBase:
    text, is_pinned = request.POST.get("text", ""), bool(request.POST.get("pin"))
    actor = actor_of(request)
    return act_in_panel(
        request,
        about,
        lambda: write_customer_note(actor, about, text, is_pinned=is_pinned),
        _("Note saved"),
        typed={"note": 0},
        focus=("note", 0),
    )


def act_in_panel(
    request: HttpRequest,
    about: Person | Organisation,
    act: Callable[[], object],
    words: str,
    *,
    undo: str = "",
    typed: dict[str, int] | None = None,
    focus: tuple[str, int],
) -> HttpResponseBase:
    """Do it and show the panel; what is refused stands where it was typed, nothing is lost.

    ``focus`` says what of the new panel goes on from what was pressed, with its id; 0 for what
    ``act`` made.
    """
    actor = actor_of(request)
    before = last_operation(actor)
    page = _page_of(about)
    try:
        made = act()
    except ActionError as refused:
        if not is_fragment(request):
            return with_toast(request, redirect(page), str(refused))
        theirs = refused.fields.get("text", "") if isinstance(refused, Conflict) else ""
        context = {
            "refusal": str(refused),
            "theirs": theirs,
            "refused": typed or {},
            "typed": request.POST,
        }
        status = 409 if isinstance(refused, Conflict) else 422
        return _panel(request, about, status=status, **context)
    undo = undo or undo_url(actor, before)
    if not is_fragment(request):
        return with_toast(request, redirect(page), words, undo=undo)
    name, changed = focus
    shown = _panel(request, about, focus=name, focus_id=changed or getattr(made, "pk", 0))
    return with_toast(request, shown, words, undo=undo)


def _panel(
    request: HttpRequest, about: Person | Organisation, *, status: int = 200, **more: Any
) -> HttpResponse:
    about = type(about).objects.get(pk=about.pk)
    context = panel_context(request, about) | more
    return render(request, "workspace/people/parts/panel.html", context, status=status)


def _page_of(about: Person | Organisation) -> str:
    name = "person" if isinstance(about, Person) else "organisation"
    return reverse(f"people_screens:{name}", args=[about.pk])


def _person(request: HttpRequest, person_id: int) -> Person:
    found = Person.objects.visible_to(actor_of(request)).with_details().filter(pk=person_id).first()
    if found is None:
        raise Http404
    return find_present(found)


def _note(request: HttpRequest, note_id: int) -> CustomerNote:
    if not policy.can_see_people(actor_of(request)):
        raise Http404
    rows = CustomerNote.objects.select_related("person", "organisation")
    return get_object_or_404(rows, pk=note_id, removed_at=None)


def _day(text: str) -> datetime | None:
    """Noon of a day typed, or now for today. Raises Invalid."""
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
        moment = parse_datetime(text.strip()) if day is None else None
    except ValueError:
        day = moment = None
    if day is None and moment is None:
        raise Invalid(_("This is no date."), fields={"on": _("This is no date.")})
    if moment is not None:
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    if day == timezone.localdate():
        return None
    assert day is not None
    return timezone.make_aware(datetime.combine(day, time(12)))
