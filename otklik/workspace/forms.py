"""What agents fill in to begin a ticket."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.people.models import Agent, Person, Team
from otklik.tickets.models import Category, Kind, Priority
from otklik.workspace.queries import choices

CHANNEL_LABELS = (
    ("phone", _("A call")),
    ("visit", _("A visit")),
    ("letter", _("A letter on paper")),
    ("email", _("An e-mail that we begin")),
)


class NewTicketForm(forms.Form):
    """``person`` is one who is known, else ``name`` and ``email`` make a new one."""

    channel = forms.ChoiceField(
        label=_("How it came"), choices=CHANNEL_LABELS, widget=forms.RadioSelect, initial="phone"
    )
    person = forms.ModelChoiceField(queryset=Person.objects.none(), required=False)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=300)
    text = forms.CharField(
        label=_("What it is about"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=100_000,
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.QUESTION)
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL, coerce=int
    )
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False
    )
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)
    assignee = forms.ModelChoiceField(
        label=_("Assignee"), queryset=Agent.objects.none(), required=False
    )
    sends_copy = forms.BooleanField(
        label=_("Send this text to the customer by e-mail"), required=False
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {
            "person": Person.objects.visible_to(actor),
            "category": Category.objects.filter(is_active=True),
            "team": Team.objects.visible_to(actor).active(),
            "assignee": Agent.objects.visible_to(actor).active().with_person(),
        }
        for name, queryset in rows.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        for name in ("team", "assignee"):
            self.fields[name].empty_label = "—"  # type: ignore[attr-defined]
        nobody = ("", "—")
        self.fields["category"].choices = [nobody, *choices.category_choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("person") and not data.get("name"):
            self.add_error("name", _("Choose a person or give the name of a new one."))
        return data
