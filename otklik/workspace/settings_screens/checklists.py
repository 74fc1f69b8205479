"""Templates of checklists: a line for each item."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.people.models import Team
from otklik.tickets.actions.checklist_templates import archive_template, save_template
from otklik.tickets.models import ChecklistTemplate, Kind
from otklik.tickets.permissions import MANAGE
from otklik.workspace.queries.choices import category_choices
from otklik.workspace.settings_screens.by_language import ByLanguage, add_words, read_words
from otklik.workspace.settings_screens.checklist_lines import read_items, spell_items
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.web.staff import last_operation, undo_url


class TemplateForm(ByLanguage, forms.Form):
    """``items`` are lines, as `checklist_lines` reads them."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    hint = forms.CharField(label=gettext_lazy("When to use it"), max_length=300, required=False)
    items = forms.CharField(
        label=gettext_lazy("Items"),
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "One on each line: text | whose | within. Whose is “assignee”, a team or an agent; "
            "within is 30m, 2h or 3d from when the list is added. Both may be left out. Then, in "
            "another language and with a hint: | ru: text | hint: how | hint ru: how."
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

        add_words(self, "label", 100, template.labels if template else None)
        add_words(self, "hint", 300, template.hints if template else None)

    def clean_items(self) -> list[dict[str, Any]]:
        return read_items(self.cleaned_data["items"])

    def details(self) -> dict[str, Any]:
        """What the action takes by name."""
        data = {name: value for name, value in self.cleaned_data.items() if "-" not in name}
        for name in ("categories", "teams"):
            data[name] = [int(pk) for pk in data.get(name, ())]
        return data | {"labels": read_words(self, "label"), "hints": read_words(self, "hint")}


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
        save_template(actor, found, **form.details())

    url = reverse("settings_screens:checklists")
    if request.method == "POST" and form.is_valid() and saved(form, act):
        return done(request, url, _("Saved"))
    context = {
        "form": form,
        "template": found,
        "title": found.label_now() if found else _("New checklist"),
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
    words = _("“%(name)s” is offered no more") % {"name": found.label_now()}
    undo = undo_url(actor, before)
    return done(request, reverse("settings_screens:checklists"), words, undo=undo)


def _initial(template: ChecklistTemplate) -> dict[str, Any]:
    names = ("name", "hint", "is_required", "is_automatic", "kinds", "version")
    found: dict[str, Any] = {name: getattr(template, name) for name in names}
    found["categories"] = [str(pk) for pk in template.categories]
    found["teams"] = [str(pk) for pk in template.teams]
    found["items"] = spell_items(template.items)
    return found
