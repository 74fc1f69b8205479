"""Custom fields in customers' forms: asked for a new request, changed in one of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Invalid
from otklik.core.fields.asking import AskedFields, ask, list_fillable
from otklik.core.fields.kinds import MAX_TEXT, clean_value
from otklik.core.fields.models import Field, FieldKind
from otklik.core.fields.queries import choices_of, present_values
from otklik.tickets.models import Ticket

PREFIX = "field-"
# Which fields stood in the form: one that its answers brought is shown before it is left empty.
STOOD = "fields"
_MOST_STOOD = 5000
SEEN = "was-"


class AskedField(forms.Field):
    """What it takes is judged by `core.fields`; here only whether there is anything."""

    default_error_messages = {"required": gettext_lazy("This is needed.")}


@dataclass(frozen=True, slots=True)
class AskedIn:
    """The custom fields of a form, for its template. ``is_live``: what is said changes what is
    asked; ``seen``: names and values that a form for changing keeps."""

    form: forms.Form
    asked: AskedFields
    is_live: bool
    seen: list[tuple[str, str]]

    def __bool__(self) -> bool:
        return bool(self.asked.fields) or self.is_live

    @property
    def bounds(self) -> list[forms.BoundField]:
        return [self.form[f"{PREFIX}{field.key}"] for field in self.asked.fields]

    @property
    def stood(self) -> str:
        return ",".join(field.key for field in self.asked.fields)


class AskingForm(forms.Form):
    """One that `ask_in` puts custom fields into."""

    asked: AskedIn


def given_by(actor: Actor, data: QueryDict, *, is_opening: bool) -> dict[str, Any]:
    """What a form says of fields that this one may fill in; others are not looked at."""
    found: dict[str, Any] = {}
    for field in list_fillable(actor, "ticket", is_opening=is_opening):
        name = f"{PREFIX}{field.key}"
        if name not in data:
            continue
        if field.kind == FieldKind.MULTI:
            found[field.key] = [code for code in data.getlist(name) if code]
        else:
            found[field.key] = data.get(name, "")
    return found


def ask_in(
    form: AskingForm,
    actor: Actor,
    ticket: Ticket,
    data: QueryDict | None = None,
    *,
    is_opening: bool,
    after: str = "",
) -> None:
    """Put the fields that apply into a form that is not judged yet, behind ``after``; what
    ``data`` says decides which, else what the ticket has. `AskedIn` tells templates of them."""
    given = given_by(actor, data, is_opening=is_opening) if data is not None else {}
    asked = ask(actor, ticket, given, is_opening=is_opening)
    stored = present_values(ticket)
    made = {
        f"{PREFIX}{field.key}": _form_field(field, stored.get(field.key), asked)
        for field in asked.fields
    }
    form.fields = _placed(form.fields, made, after)
    initial = {**{key: _in_form(value) for key, value in stored.items()}, **given}
    form.initial.update({f"{PREFIX}{key}": value for key, value in initial.items()})
    form.asked = AskedIn(form, asked, _is_live(actor, is_opening), _seen(asked, stored))


def tell_problems(form: AskingForm, data: QueryDict) -> None:
    """Say beside each field what is wrong with it, and of fields that did not stand in the form
    that they are asked for now."""
    asked = form.asked.asked
    for key, words in asked.wrong.items():
        form.add_error(f"{PREFIX}{key}", words)
    if STOOD not in data:
        return
    stood = set(data.get(STOOD, "")[:_MOST_STOOD].split(","))
    brought = [field.label_now() for field in asked.fields if field.key not in stood]
    if brought:
        words = _("What you chose brings more to fill in: %(names)s")
        form.add_error(None, words % {"names": ", ".join(brought)})


def tell_refusal(form: forms.Form, refusal: ActionError) -> None:
    """What an action refuses, beside the field it is about, else above the form."""
    told = False
    for key, words in refusal.fields.items():
        for name in (key, f"{PREFIX}{key}"):
            if name in form.fields and isinstance(words, str) and not told:
                form.add_error(name, words)
                told = True
    if not told:
        form.add_error(None, str(refusal))


def values_given(form: AskingForm, actor: Actor, data: QueryDict, *, is_opening: bool) -> Any:
    """For the action: what was said of the fields that apply."""
    asked = form.asked.asked
    keys = {field.key for field in asked.fields}
    given = given_by(actor, data, is_opening=is_opening)
    return {key: value for key, value in given.items() if key in keys}


def values_seen(actor: Actor, data: QueryDict) -> dict[str, Any]:
    """The values that stood in the form when it was shown, as they are stored."""
    found: dict[str, Any] = {}
    for field in list_fillable(actor, "ticket", is_opening=False):
        was = data.get(f"{SEEN}{field.key}")
        if was is None:
            continue
        is_many = field.kind == FieldKind.MULTI
        try:
            found[field.key] = clean_value(actor, field, was.split(",") if is_many else was)
        except Invalid:
            found[field.key] = was  # it cannot be stored, so it is not what stands there
    return found


def _is_live(actor: Actor, is_opening: bool) -> bool:
    """Whether what one field says may bring or need another."""
    fields = list_fillable(actor, "ticket", is_opening=is_opening)
    return any(field.visible_when or field.required_when for field in fields)


def _seen(asked: AskedFields, stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of what a form keeps to tell a crossing change."""
    found = []
    for field in asked.fields:
        value = stored.get(field.key)
        words = ",".join(value) if isinstance(value, list) else "" if value is None else str(value)
        found.append((f"{SEEN}{field.key}", words))
    return found


def _form_field(field: Field, value: Any, asked: AskedFields) -> AskedField:
    language = (get_language() or "").partition("-")[0]
    widget: forms.Widget
    if field.kind == FieldKind.CHOICE:
        widget = forms.Select(choices=[("", "—"), *choices_of(field, value, language)])
    elif field.kind == FieldKind.MULTI:
        widget = forms.CheckboxSelectMultiple(choices=choices_of(field, value, language))
    elif field.kind == FieldKind.DATE:
        widget = forms.DateInput(attrs={"type": "date", "class": "portal-short"})
    elif field.kind == FieldKind.NUMBER:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "portal-short"}
        widget = forms.TextInput(attrs={**attrs, "maxlength": 40})
    else:
        widget = forms.Textarea(attrs={"rows": 1, "maxlength": MAX_TEXT, "class": "portal-line"})
    is_needed = field.key in asked.needed
    return AskedField(
        label=field.label(language),
        help_text=field.hint_in(language),
        required=is_needed,
        widget=widget,
    )


def _placed(
    fields: Mapping[str, forms.Field], made: Mapping[str, forms.Field], after: str
) -> dict[str, forms.Field]:
    placed: dict[str, forms.Field] = {}
    for name, field in fields.items():
        placed[name] = field
        if name == after:
            placed |= made
    return {**placed, **made}


def _in_form(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else str(value)
