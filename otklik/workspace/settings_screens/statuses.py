"""Statuses: what each is called and means, and which may follow which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.access import Actor
from otklik.core.db import write
from otklik.desk.texts import list_languages
from otklik.tickets.actions.statuses import create_status, describe_status, set_steps
from otklik.tickets.models import Status, StatusKind, StatusStep
from otklik.tickets.permissions import MANAGE
from otklik.tickets.steps import find_dead_ends
from otklik.workspace.queries import marks
from otklik.workspace.settings_screens.by_language import add_words, read_words
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

_ANY, _CHOSEN = "any", "chosen"


@dataclass(frozen=True, slots=True)
class Line:
    """``then``: the names of what may follow, "" for any."""

    row: Status
    mark: SafeString
    label: str
    kind: str
    then: str


class StatusForm(forms.Form):
    """A status' names in every language, when to use it, and what may follow."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What it means"),
        choices=StatusKind.choices,
        help_text=gettext_lazy("Clocks, lists and the portal go by this. It stays as it is."),
    )
    hint = forms.CharField(
        label=gettext_lazy("When to use it"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Agents see it beside the name."),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Offered for tickets"),
        help_text=gettext_lazy("Tickets that have it keep it either way."),
        required=False,
        initial=True,
    )
    follow = forms.ChoiceField(
        label=gettext_lazy("What may follow"),
        choices=[(_ANY, gettext_lazy("Any status")), (_CHOSEN, gettext_lazy("Only these"))],
        widget=forms.RadioSelect,
        initial=_ANY,
        help_text=gettext_lazy("A customer who writes again opens the ticket either way."),
    )
    next = forms.ModelMultipleChoiceField(
        Status.objects.none(),
        label=gettext_lazy("Only these"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, status: Status | None = None) -> None:
        self.status = status
        super().__init__(*args, initial=self._initial(status))  # type: ignore[misc]
        others = Status.objects.filter(is_active=True)
        if status is None or not status.is_own:
            del self.fields["is_active"]
        if status is not None:
            del self.fields["kind"]
            others = others.exclude(pk=status.pk)
        chosen: Any = self.fields["next"]
        chosen.queryset = others
        chosen.label_from_instance = marks.status_words
        names = {f"label-{code}": self._name(code, words) for code, words in list_languages()}
        self.fields = {**names, **self.fields}
        hints = add_words(self, "hint", 200, status.hints if status else None)
        self.order_fields([*names, "kind", "hint", *hints])

    def labels(self) -> dict[str, str]:
        given = {code: self.cleaned_data[f"label-{code}"] for code, _name in settings.LANGUAGES}
        return {code: name for code, name in given.items() if name}

    def steps(self) -> list[Status] | None:
        return None if self.cleaned_data["follow"] == _ANY else list(self.cleaned_data["next"])

    def _name(self, code: str, language: str) -> forms.CharField:
        placeholder = ""
        if self.status is not None and not self.status.is_own:
            with override(code):
                placeholder = str(StatusKind(self.status.kind).label)
        return forms.CharField(
            label=_("Name, %(language)s") % {"language": language},
            max_length=40,
            required=False,
            initial=self.status.labels.get(code, "") if self.status else "",
            widget=forms.TextInput(attrs={"placeholder": placeholder}),
        )

    @staticmethod
    def _initial(status: Status | None) -> dict[str, Any]:
        if status is None:
            return {}
        steps = StatusStep.objects.filter(status=status)
        then = list(steps.values_list("next_id", flat=True))
        return {
            "hint": status.hint,
            "is_active": status.is_active,
            "follow": _CHOSEN if then else _ANY,
            "next": then,
        }


@require_safe
@open_to(MANAGE)
def statuses(request: HttpRequest) -> HttpResponse:
    rows = list(Status.objects.all())
    dead = find_dead_ends(row for row in rows if row.is_active)
    context = {
        "lines": _lines(rows),
        "dead_ends": ", ".join(marks.status_words(row) for row in dead),
    }
    return render(request, "workspace/settings/statuses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def status(request: HttpRequest, status_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    found = get_object_or_404(Status, pk=status_id) if status_id else None
    form = StatusForm(request.POST or None, status=found)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: _save(actor, found, form))
    ):
        return done(request, reverse("settings_screens:statuses"), _("Saved"))
    context = {
        "form": form,
        "title": marks.status_words(found) if found else _("New status"),
        "crumb": _("Statuses"),
        "crumb_url": reverse("settings_screens:statuses"),
    }
    return render(request, "workspace/settings/form.html", context, status=status_of(form))


def _save(actor: Actor, found: Status | None, form: StatusForm) -> None:
    values, hints = form.cleaned_data, read_words(form, "hint")
    with write():
        if found is None:
            row = create_status(
                actor,
                kind=values["kind"],
                labels=form.labels(),
                hint=values["hint"],
                hints=hints,
            )
        else:
            row = describe_status(
                actor,
                found,
                labels=form.labels(),
                hint=values["hint"],
                hints=hints,
                is_active=values.get("is_active"),
            )
        set_steps(actor, row, form.steps())


def _lines(rows: list[Status]) -> list[Line]:
    language = (get_language() or "").partition("-")[0]
    labels = {row.pk: row.label(language) for row in rows}
    then: dict[int, list[str]] = {}
    steps = StatusStep.objects.order_by("next__position", "pk")
    for old, new in steps.values_list("status_id", "next_id"):
        then.setdefault(old, []).append(labels[new])
    return [
        Line(
            row,
            marks.status_mark(row, is_named=False),
            labels[row.pk],
            str(StatusKind(row.kind).label),
            ", ".join(then.get(row.pk, ())),
        )
        for row in rows
    ]
