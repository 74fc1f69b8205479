"""The forms of people as these screens show them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor, Conflict
from otklik.kit.numbers import whole_number
from otklik.people.forms import OrganisationForm, PersonForm
from otklik.people.models import Organisation


class PersonPageForm(PersonForm):
    """With the organisation found by typing: a list of thousands is no choice."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["organisation"].widget = forms.HiddenInput()

    @property
    def chosen_organisation(self) -> Organisation | None:
        """What stands in the field now, for its words."""
        value = self["organisation"].value()
        if isinstance(value, Organisation):
            return value
        queryset: Any = self.fields["organisation"].queryset  # type: ignore[attr-defined]
        number = whole_number(value)
        return queryset.filter(pk=number).first() if number else None


class AddressForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)


def conflict_rows(form: PersonForm | OrganisationForm) -> list[tuple[str, str, str]]:
    """(label, theirs, mine) of each field that two have changed; the next save knows of theirs."""
    conflict: Conflict | None = getattr(form, "conflict", None)
    if conflict is None:
        return []
    rows = []
    for name, theirs in conflict.fields.items():
        field = form.fields.get(name)
        if field is not None:
            mine = form.cleaned_data.get(name, "")
            rows.append((str(field.label), str(theirs or ""), str(mine or "")))
    return rows


def take_version(form: forms.Form, version: int) -> None:
    """Let the form, shown again after a conflict, be about the row as it is now."""
    data = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(version)
    form.data = data
