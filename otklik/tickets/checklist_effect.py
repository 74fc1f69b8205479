"""Adding a checklist as rules, macros and acts on many do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.access import Actor
from otklik.core.vocabulary import Effect, Foreseen
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.models import ChecklistTemplate, Ticket


class _TemplateField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label_now())


class _ChecklistForm(forms.Form):
    template = _TemplateField(
        ChecklistTemplate.objects.filter(archived_at=None), label=gettext_lazy("Checklist")
    )


def _add(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    add_checklist(actor, ticket, params["template"])


def _foresee(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> Sequence[Foreseen]:
    return [Foreseen(_("Checklist"), new=params["template"].label_now())]


ADD_CHECKLIST = Effect(
    "ticket.add_checklist",
    gettext_lazy("Add a checklist"),
    _add,
    _ChecklistForm,
    foresee=_foresee,
)
