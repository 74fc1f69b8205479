"""Scripts: everybody's and the teams' in the settings, one's own beside one's account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import Invalid
from otklik.core.fields.queries import list_fields
from otklik.workspace.actions import change_script, create_script, remove_script, restore_script
from otklik.workspace.going import MOST_OPTIONS, MOST_STEPS, clean_script
from otklik.workspace.models import Script
from otklik.workspace.permissions import MANAGE_MACROS
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

_BLANK = 2  # empty lines for further answers


class ScriptForm(OfferedForm):
    result = forms.ChoiceField(
        label=gettext_lazy("What becomes of the answers"),
        choices=(
            ("note", gettext_lazy("A note for staff")),
            ("reply", gettext_lazy("The beginning of a reply")),
        ),
    )

    def __init__(self, data: Any, *, row: Script | None, typed: Any = None, **more: Any) -> None:
        super().__init__(data, row=row, typed=typed, **more)
        if row is not None:
            self.initial.setdefault("result", row.result)

    def details(self) -> dict[str, Any]:
        return super().details() | {"result": self.cleaned_data["result"]}


class QuestionForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=20)
    question = forms.CharField(label=gettext_lazy("Question"), max_length=300)
    help = forms.CharField(label=gettext_lazy("Help below it"), max_length=300, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        choices=(
            ("text", gettext_lazy("A text")),
            ("choice", gettext_lazy("One of several")),
            ("yes_no", gettext_lazy("Yes or no")),
            ("number", gettext_lazy("A number")),
        ),
    )
    goes = forms.ChoiceField(label=gettext_lazy("The answer also becomes"))
    next = forms.ChoiceField(label=gettext_lazy("Then"))


class OptionForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("Answer"), max_length=120)
    next = forms.ChoiceField(label=gettext_lazy("Then"))


@dataclass(frozen=True, slots=True)
class Question:
    """One question in the editor, with its answers to choose from."""

    title: str
    form: QuestionForm
    options: list[OptionForm] = field(default_factory=list)
    problem: str = ""


def _is_broken(row: Script) -> bool:
    try:
        clean_script(row.steps)
    except Invalid:
        return True
    return False


_KIND = Kind(
    what="scripts",
    one="script",
    model=Script,
    remove=remove_script,
    restore=restore_script,
    is_broken=_is_broken,
    new_label=gettext_lazy("New script"),
    empty_title=gettext_lazy("No scripts yet"),
    empty_text=gettext_lazy(
        "A script asks one question after the other, each by the answer before it, and puts "
        "the answers into the ticket’s fields and a note or a reply."
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
def edit(request: HttpRequest, script_id: int | None = None) -> HttpResponseBase:
    return _edit(request, Place(_KIND.what, is_own=False), script_id)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to()
def own_edit(request: HttpRequest, script_id: int | None = None) -> HttpResponseBase:
    return _edit(request, Place(_KIND.what, is_own=True), script_id)


@require_POST
@open_to()
def drop(request: HttpRequest, script_id: int) -> HttpResponseBase:
    return drop_offered(request, _KIND, script_id)


def _edit(request: HttpRequest, place: Place, script_id: int | None) -> HttpResponseBase:
    actor = actor_of(request)
    row = get_object_or_404(_KIND.rows(actor, place), pk=script_id) if script_id else None
    asked = request.POST.get("move", "")
    is_post = request.method == "POST"
    form = ScriptForm(request.POST if is_post else None, actor=actor, row=row, place=place)
    steps = _typed(request) if is_post else list(row.steps if row else [])
    problems: dict[str, str] = {}
    if asked:
        form = ScriptForm(None, actor=actor, row=row, place=place, typed=request.POST)
        steps = moved(steps, asked, most=MOST_STEPS, add=lambda: _new(steps))
    elif is_post and form.is_valid():
        try:
            clean_script(steps)
        except Invalid as refused:
            problems = {key: str(words) for key, words in refused.fields.items()}
            form.add_error(None, str(refused) if not problems else _("Some steps need a look."))
        else:
            details = form.details() | {"steps": steps}
            if saved(form, lambda: _save(actor, row, form, details)):
                return done(request, place.url("scripts"), _("Saved"))
    context = editor_context(actor, _KIND, place, row, form) | {
        "steps": _questions(steps, problems)
    }
    status = 200 if asked else status_of(form)
    return render(request, "workspace/settings/script.html", context, status=status)


def _save(actor: Any, row: Script | None, form: ScriptForm, details: dict[str, Any]) -> None:
    if row is None:
        create_script(actor, **details)
    else:
        change_script(actor, row, version=form.cleaned_data["version"], **details)


def _typed(request: HttpRequest) -> list[dict[str, Any]]:
    """The questions as they are in the form now."""
    given, steps = request.POST, []
    for place in range(MOST_STEPS):
        prefix = f"q{place}"
        key = given.get(f"{prefix}-key")
        if key is None:
            break
        step: dict[str, Any] = {
            name: given.get(f"{prefix}-{name}", "")[:300]
            for name in ("key", "question", "help", "kind", "goes", "next")
        }
        step["options"] = [
            {
                "label": given.get(f"{prefix}o{line}-label", "")[:120],
                "next": given.get(f"{prefix}o{line}-next", "")[:20],
            }
            for line in range(MOST_OPTIONS)
            if given.get(f"{prefix}o{line}-label", "").strip()
        ]
        steps.append(step)
    return steps


def _new(steps: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = [int(step["key"][1:]) for step in steps if step["key"][1:].isdecimal()]
    return {"key": f"q{max(numbers, default=0) + 1}", "kind": "text", "options": []}


def _questions(steps: list[dict[str, Any]], problems: dict[str, str]) -> list[Question]:
    found = []
    for place, step in enumerate(steps):
        leads = _leads(steps, place)
        form = QuestionForm(prefix=f"q{place}", initial=step)
        form.fields["goes"].choices = _goes()  # type: ignore[attr-defined]
        form.fields["next"].choices = leads  # type: ignore[attr-defined]
        found.append(
            Question(
                title=str(step.get("question") or _("New question")),
                form=form,
                options=_options(step, place, leads),
                problem=problems.get(str(place), ""),
            )
        )
    return found


def _options(step: dict[str, Any], place: int, leads: list[tuple[str, str]]) -> list[OptionForm]:
    kind = step.get("kind")
    if kind not in ("choice", "yes_no"):
        return []
    rows = list(step.get("options") or [])
    if kind == "yes_no":
        known = {one["label"]: one for one in rows}
        rows = [known.get(word, {"label": word, "next": ""}) for word in ("yes", "no")]
    else:
        rows += [{}] * min(_BLANK if len(rows) > 1 else 3, MOST_OPTIONS - len(rows))
    forms_of = []
    for line, row in enumerate(rows):
        form = OptionForm(prefix=f"q{place}o{line}", initial=row)
        form.fields["next"].choices = leads  # type: ignore[attr-defined]
        if kind == "yes_no":
            form.fields["label"].widget = forms.HiddenInput()
            words = _("After yes") if row["label"] == "yes" else _("After no")
            form.fields["next"].label = words
        forms_of.append(form)
    return forms_of


def _leads(steps: list[dict[str, Any]], place: int) -> list[tuple[str, str]]:
    later = [
        (str(step["key"]), f"{number}. {step.get('question') or _('New question')}"[:80])
        for number, step in enumerate(steps, start=1)
        if number > place + 1
    ]
    return [("", _("the next question")), *later, ("end", _("the end"))]


def _goes() -> list[tuple[str, str]]:
    language = (get_language() or "").partition("-")[0]
    return [
        ("", _("nothing else")),
        ("tag", _("a tag")),
        ("subject", _("the subject")),
        ("priority", _("the priority")),
        ("kind", _("the kind of the ticket")),
        *((f"field:{one.key}", one.label(language)) for one in list_fields("ticket")),
    ]
