"""The audit trail: every event by actor, object and time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from otklik.core.events.audit import Asked, find_events
from otklik.core.events.registry import words_of
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.queries.event_words import line_of, read_names, who_acted
from otklik.workspace.settings_screens.doors import actor_of, open_to
from otklik.workspace.settings_screens.event_choice import (
    MOST,
    by_group,
    find_event,
    list_events,
)

VIEW = "events.view"
_MAX_ID = 2**63 - 1
_NEAR = 4


class AuditForm(forms.Form):
    actor = forms.IntegerField(
        label=gettext_lazy("Who: number of a person"),
        min_value=1,
        max_value=_MAX_ID,
        required=False,
    )
    ticket = forms.IntegerField(
        label=gettext_lazy("Ticket №"), min_value=1, max_value=_MAX_ID, required=False
    )
    person = forms.IntegerField(
        label=gettext_lazy("About whom: number of a person"),
        min_value=1,
        max_value=_MAX_ID,
        required=False,
    )
    name = forms.CharField(
        label=gettext_lazy("What"),
        max_length=MOST,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    since = forms.DateField(
        label=pgettext_lazy("day", "From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=pgettext_lazy("day", "Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
    )

    def clean_name(self) -> str:
        """Its code, chosen or typed, or its words in a language of the desk."""
        typed: str = self.cleaned_data["name"]
        name = find_event(typed) if typed else ""
        if typed and not name:
            near = [_("“%(name)s”") % {"name": one.words} for one in list_events(typed)[:_NEAR]]
            if near:
                raise forms.ValidationError(_("Which one: %(names)s?") % {"names": ", ".join(near)})
            raise forms.ValidationError(_("No event is called so."))
        return name

    @property
    def chosen_words(self) -> str:
        """What the field shows: the words of a code, else what was typed."""
        name = getattr(self, "cleaned_data", {}).get("name")
        return words_of(name) if name else str(self["name"].value() or "")

    @property
    def chosen_name(self) -> str:
        return str(getattr(self, "cleaned_data", {}).get("name") or "")

    def asked(self) -> Asked | None:
        """None when a ticket is asked for that there is not."""
        given = self.cleaned_data
        ticket_id = None
        if given["ticket"]:
            row = Ticket.objects.filter(number=given["ticket"]).values_list("pk", flat=True)
            ticket_id = row.first()
            if ticket_id is None:
                return None
        until = given["until"]
        return Asked(
            actor_id=given["actor"],
            ticket_id=ticket_id,
            person_id=given["person"],
            name=given["name"],
            since=_start(given["since"]) if given["since"] else None,
            until=_start(until + timedelta(days=1)) if until else None,
        )


@require_safe
@open_to(VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """``?before=<id>`` goes on from there."""
    actor_of(request)
    form = AuditForm(request.GET)
    asked = form.asked() if form.is_valid() else None
    written = request.GET.get("before", "")
    before = int(written) if written.isdecimal() and len(written) < 19 else 0
    found = find_events(asked, before=before) if asked is not None else None
    rows = found.rows if found else []
    names = read_names(rows)
    tickets = dict(
        Ticket.objects.filter(pk__in={row.ticket_id for row in rows} - {None}).values_list(
            "pk", "number"
        )
    )
    people = Person.objects.in_bulk({row.person_id for row in rows} - {None})
    lines = []
    for row in rows:
        line = line_of(row, names)
        lines.append(
            {
                "at": row.recorded_at,
                "who": who_acted(row, names),
                "what": words_of(row.name),
                "more": line.what if line else "",
                "name": row.name,
                "number": tickets.get(row.ticket_id or 0),
                "person": people.get(row.person_id or 0),
                "operation": row.operation_id,
            }
        )
    query = {key: value for key, value in request.GET.items() if key != "before" and value}
    context = {
        "title": _("Audit trail"),
        "form": form,
        "events": list_events(),
        "rows": lines,
        "next_url": f"?{urlencode(query | {'before': found.next})}" if found and found.next else "",
    }
    status = 200 if form.is_valid() else 422
    return render(request, "workspace/settings/audit.html", context, status=status)


@require_safe
@open_to(VIEW)
def event_options(request: HttpRequest) -> HttpResponse:
    """What the field offers while one types ``q``."""
    groups = by_group(list_events(request.GET.get("q", "")))
    return render(request, "workspace/parts/grouped_options.html", {"groups": groups})


def _start(day: object) -> datetime:
    local = datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())  # type: ignore[arg-type]
    return local.astimezone(UTC)
