"""Macros: everybody's and the teams' in the settings, one's own beside one's account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.vocabulary import find_effect, list_effects
from otklik.tickets.effects import MOST_STEPS
from otklik.workspace.actions import change_macro, create_macro, remove_macro, restore_macro
from otklik.workspace.models import Macro
from otklik.workspace.permissions import MANAGE_MACROS
from otklik.workspace.queries.macros import steps_in_words
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.settings_screens.offered import (
    Kind,
    OfferedForm,
    Place,
    drop_offered,
    editor_context,
    moved,
    show_list,
)


@dataclass(frozen=True, slots=True)
class StepForm:
    """One step in the editor."""

    effect: str
    label: str
    form: forms.Form | None
    is_reversible: bool
    problem: str = ""


def _is_broken(row: Macro) -> bool:
    return any(step.problem for step in steps_in_words(row.steps))


_KIND = Kind(
    what="macros",
    one="macro",
    model=Macro,
    remove=remove_macro,
    restore=restore_macro,
    is_broken=_is_broken,
    new_label=gettext_lazy("New macro"),
    empty_title=gettext_lazy("No macros yet"),
    empty_text=gettext_lazy(
        "A macro does several things at once: sets a status, tags, hands over, writes a note "
        "or a reply. You see what it changes before it does, and one undo takes it back."
    ),
)


@require_safe
@open_to(MANAGE_MACROS)
def index(request: HttpRequest) -> HttpResponse:
    return show_list(request, _KIND, is_own=False)


@require_safe
@open_to()
def own_index(request: HttpRequest) -> HttpResponse:
    return show_list(request, _KIND, is_own=True)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_MACROS)
def edit(request: HttpRequest, macro_id: int | None = None) -> HttpResponseBase:
    return _edit(request, Place(_KIND.what, is_own=False), macro_id)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to()
def own_edit(request: HttpRequest, macro_id: int | None = None) -> HttpResponseBase:
    return _edit(request, Place(_KIND.what, is_own=True), macro_id)


@require_POST
@open_to()
def drop(request: HttpRequest, macro_id: int) -> HttpResponseBase:
    return drop_offered(request, _KIND, macro_id)


def _edit(request: HttpRequest, place: Place, macro_id: int | None) -> HttpResponseBase:
    actor = actor_of(request)
    row = get_object_or_404(_KIND.rows(actor, place), pk=macro_id) if macro_id else None
    asked = request.POST.get("move", "")
    form = OfferedForm(
        request.POST if request.method == "POST" else None, actor=actor, row=row, place=place
    )
    steps = _given(request) if request.method == "POST" else _stored(row)
    if asked:
        form = OfferedForm(None, actor=actor, row=row, place=place, typed=request.POST)
        steps = _moved(request, steps, asked)
    elif request.method == "POST" and form.is_valid():
        stored = _cleaned(form, steps)
        details = form.details() | {"steps": stored}
        if stored is not None and saved(form, lambda: _save(actor, row, form, details)):
            return done(request, place.url("macros"), _("Saved"))
    context = editor_context(actor, _KIND, place, row, form) | {
        "steps": steps,
        "effects": [(one.name, str(one.label)) for one in list_effects("ticket")],
    }
    status = 200 if asked else status_of(form)
    return render(request, "workspace/settings/macro.html", context, status=status)


def _save(actor: Any, row: Macro | None, form: OfferedForm, details: dict[str, Any]) -> None:
    if row is None:
        create_macro(actor, **details)
    else:
        change_macro(actor, row, version=form.cleaned_data["version"], **details)


def _stored(row: Macro | None) -> list[StepForm]:
    if row is None:
        return []
    told = steps_in_words(row.steps)
    return [
        _step(str(step["effect"]), place, initial=step.get("params") or {}, problem=words.problem)
        for place, (step, words) in enumerate(zip(row.steps, told, strict=True))
    ]


def _given(request: HttpRequest) -> list[StepForm]:
    """The steps as they are in the form now."""
    found = []
    for place in range(MOST_STEPS):
        name = request.POST.get(f"step-{place}-effect")
        if name is None:
            break
        found.append(_step(name, place, data=request.POST))
    return found


def _step(
    name: str, place: int, *, data: Any = None, initial: Any = None, problem: str = ""
) -> StepForm:
    effect = find_effect(name)
    if effect is None:
        return StepForm(name, name, None, is_reversible=True, problem=problem)
    form = effect.form(data, prefix=f"step-{place}", initial=initial) if effect.form else None
    return StepForm(name, str(effect.label), form, effect.is_reversible, problem)


def _moved(request: HttpRequest, steps: list[StepForm], asked: str) -> list[StepForm]:
    """Steps in another order, one fewer or one more, with what was typed; nothing is saved."""
    raw = [(step.effect, _raw(step)) for step in steps]
    added = request.POST.get("add", "")[:80]
    raw = moved(raw, asked, most=MOST_STEPS, add=lambda: (added, {}) if added else None)
    return [_step(name, place, initial=values) for place, (name, values) in enumerate(raw)]


def _raw(step: StepForm) -> dict[str, Any]:
    if step.form is None:
        return {}
    return {name: step.form[name].value() for name in step.form.fields}


def _cleaned(form: OfferedForm, steps: list[StepForm]) -> list[dict[str, Any]] | None:
    """The steps as they are stored; None when one of them is wrong, which its fields say."""
    stored = []
    is_right = True
    for step in steps:
        if step.form is not None and not step.form.is_valid():
            is_right = False
            continue
        values = step.form.cleaned_data if step.form is not None else {}
        stored.append({"effect": step.effect, "params": _storable(values)})
    if not is_right:
        form.add_error(None, _("Some steps need a look."))
        return None
    if not stored:
        form.add_error(None, _("Add a step first: what should it do?"))
        return None
    return stored


def _storable(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.pk if isinstance(value, Model) else value
        for name, value in values.items()
        if value is not None
    }
