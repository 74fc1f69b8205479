"""Form fields as the design draws them: label, control, then help or, in its place, the error."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.widgets import Input
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

_CLASSES: tuple[tuple[type[forms.Widget], str, str], ...] = (
    (forms.CheckboxSelectMultiple, "group", "checkbox"),
    (forms.RadioSelect, "group", "radio"),
    (forms.CheckboxInput, "choice", "checkbox"),
    (forms.Select, "plain", "select"),
    (forms.Textarea, "plain", "textarea"),
    (forms.PasswordInput, "password", "input"),
    (forms.FileInput, "plain", "input"),
    (Input, "plain", "input"),
)


def render_field(bound: BoundField, **options: Any) -> SafeString:
    """One field as HTML. Options: ``help``, ``label``, ``css`` (of the wrapper), other keys become
    attributes of the control with ``_`` for ``-`` (``autocomplete="off"``, ``hx_get="…"``).
    """
    if bound.is_hidden:
        return bound.as_widget()
    shape, css = next(
        ((shape, css) for kind, shape, css in _CLASSES if isinstance(bound.field.widget, kind)),
        ("plain", "control"),
    )
    label = options.pop("label", bound.label)
    help_text = options.pop("help", bound.help_text)
    wrapper = options.pop("css", "")
    attrs: dict[str, Any] = {name.replace("_", "-"): value for name, value in options.items()}
    own = bound.field.widget.attrs.get("class", "")
    attrs["class"] = f"{css} {own}".strip()
    note = f"{bound.auto_id}_note"
    if shape != "group":
        if bound.errors or help_text:
            attrs["aria-describedby"] = note
        if bound.errors:
            attrs["aria-invalid"] = "true"
    return render_to_string(
        "ui/components/field.html",
        {
            "bound": bound,
            "shape": shape,
            "css": wrapper,
            "label": label,
            "help": help_text,
            "note_id": note,
            "control": bound.as_widget(attrs=attrs) if shape != "group" else "",
            "option_class": css,
            "optional": not bound.field.required and shape != "choice",
        },
    )
