"""Templates of checklists: a line for each item."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.vocabulary.language.keywords import read_duration, spell_duration
from otklik.kit.text import normalise
from otklik.people.models import Agent, Team
from otklik.tickets.actions.checklist_templates import archive_template, save_template
from otklik.tickets.models import ChecklistTemplate, Kind
from otklik.tickets.permissions import MANAGE
from otklik.workspace.queries.choices import category_choices
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.web.staff import last_operation, undo_url


class TemplateForm(forms.Form):
    """``items``: "text | whose | within", the last two optional."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    hint = forms.CharField(label=gettext_lazy("When to use it"), max_length=300, required=False)
    items = forms.CharField(
        label=gettext_lazy("Items"),
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "One on each line: text | whose | within. Whose is “assignee”, a team or an agent; "
            "within is 30m, 2h or 3d from when the list is added. Both may be left out."
        ),
    )
    is_required = forms.BooleanField(
        label=gettext_lazy("Must be done before the ticket is solved"), required=False
    )
    is_automatic = forms.BooleanField(
        label=gettext_lazy("Added by itself to new tickets of these"), required=False
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds"),
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them."),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories"), required=False, widget=forms.CheckboxSelectMultiple
    )
    teams = forms.MultipleChoiceField(
        label=gettext_lazy("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, template: ChecklistTemplate | None = None) -> None:
        super().__init__(*args, initial=_initial(template) if template else {})  # type: ignore[misc]
        offered = {
            "categories": [(str(pk), words) for pk, words in category_choices()],
            "teams": [(str(team.pk), team.name) for team in Team.objects.active()],
        }
        for name, choices in offered.items():
            if choices:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean_items(self) -> list[dict[str, Any]]:
        lines = [line for line in self.cleaned_data["items"].splitlines() if line.strip()]
        people = _people()
        return [_read_line(number, line, people) for number, line in enumerate(lines, 1)]


@require_safe
@open_to(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    rows = ChecklistTemplate.objects.filter(archived_at=None)
    return render(request, "workspace/settings/checklists.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def edit(request: HttpRequest, template_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    rows = ChecklistTemplate.objects.filter(archived_at=None)
    found = get_object_or_404(rows, pk=template_id) if template_id else None
    form = TemplateForm(request.POST or None, template=found)

    def act() -> None:
        data = dict(form.cleaned_data)
        for name in ("categories", "teams"):
            data[name] = [int(pk) for pk in data.get(name, ())]
        save_template(actor, found, **data)

    url = reverse("settings_screens:checklists")
    if request.method == "POST" and form.is_valid() and saved(form, act):
        return done(request, url, _("Saved"))
    context = {
        "form": form,
        "template": found,
        "title": found.name if found else _("New checklist"),
        "crumb": _("Checklists"),
        "crumb_url": url,
    }
    return render(request, "workspace/settings/checklist.html", context, status=status_of(form))


@require_POST
@open_to(MANAGE)
def archive(request: HttpRequest, template_id: int) -> HttpResponseBase:
    actor, found = actor_of(request), get_object_or_404(ChecklistTemplate, pk=template_id)
    before = last_operation(actor)
    archive_template(actor, found)
    words = _("“%(name)s” is offered no more") % {"name": found.name}
    undo = undo_url(actor, before)
    return done(request, reverse("settings_screens:checklists"), words, undo=undo)


def _people() -> dict[str, str]:
    """What may stand for whose an item is → how it is kept."""
    found = {normalise(_("assignee")): "assignee", "assignee": "assignee"}
    agents = Agent.objects.filter(is_active=True).values_list("person_id", "person__name")
    found |= {normalise(name): f"person:{pk}" for pk, name in agents}
    teams = Team.objects.active().values_list("pk", "name")
    return found | {normalise(name): f"team:{pk}" for pk, name in teams}


def _read_line(number: int, line: str, people: dict[str, str]) -> dict[str, Any]:
    text, _bar, rest = line.partition("|")
    whose, _bar, within = rest.partition("|")
    owner, minutes = "", None
    if whose.strip():
        owner = people.get(normalise(whose), "")
        if not owner:
            words = _("Line %(number)d: there is no team or agent called “%(name)s”.")
            raise forms.ValidationError(words % {"number": number, "name": whose.strip()[:60]})
    if within.strip():
        read = read_duration(within.strip())
        if read is None or read[1] <= 0:
            words = _("Line %(number)d: say a time as 30m, 2h or 3d.")
            raise forms.ValidationError(words % {"number": number})
        minutes = read[1]
    return {"text": text.strip(), "owner": owner, "due_minutes": minutes}


def _initial(template: ChecklistTemplate) -> dict[str, Any]:
    names = ("name", "hint", "is_required", "is_automatic", "kinds", "version")
    found: dict[str, Any] = {name: getattr(template, name) for name in names}
    found["categories"] = [str(pk) for pk in template.categories]
    found["teams"] = [str(pk) for pk in template.teams]
    spelled = {kept: name for name, kept in _people().items()}
    spelled |= {f"team:{team.pk}": team.name for team in Team.objects.all()}
    agents = Agent.objects.select_related("person")
    spelled |= {f"person:{agent.person_id}": agent.person.name for agent in agents}
    spelled["assignee"] = _("assignee")
    found["items"] = "\n".join(_spell(each, spelled) for each in template.items)
    return found


def _spell(item: dict[str, Any], spelled: dict[str, str]) -> str:
    parts = [item["text"]]
    minutes = item.get("due_minutes")
    if item.get("owner") or minutes:
        parts.append(spelled.get(item.get("owner") or "", ""))
    if minutes:
        parts.append(spell_duration(minutes, get_language() or "en"))
    return " | ".join(parts)
