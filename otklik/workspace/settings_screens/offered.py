"""What the pages of macros and of scripts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.access import Actor
from otklik.people.models import Team
from otklik.workspace.models import Offered, Scope
from otklik.workspace.permissions import MANAGE_MACROS

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages stand: in the settings, or beside one's account."""

    what: str  # macros, scripts
    is_own: bool

    def url(self, name: str, *arguments: object) -> str:
        prefix = "own_" if self.is_own else ""
        return reverse(f"settings_screens:{prefix}{name}", args=arguments)

    def shared(self, name: str, *arguments: object) -> str:
        return reverse(f"settings_screens:{name}", args=arguments)

    @property
    def title(self) -> str:
        if self.what == "macros":
            return _("My macros") if self.is_own else _("Macros")
        return _("My scripts") if self.is_own else _("Scripts")


class OfferedForm(forms.Form):
    """Name, for whom, when to use it. ``typed`` fills it in without checking it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    scope = forms.ChoiceField(label=gettext_lazy("For whom"), choices=Scope.choices)
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), required=False)
    hint = forms.CharField(
        label=gettext_lazy("When to use it"),
        help_text=gettext_lazy("Stands below the name where it is chosen."),
        max_length=300,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any,
        *,
        actor: Actor,
        row: Offered | None,
        place: Place,
        typed: Any = None,
    ) -> None:
        initial: dict[str, Any] = {"scope": Scope.PERSONAL if place.is_own else Scope.SHARED}
        if row is not None:
            initial = {
                "name": row.name,
                "scope": row.scope,
                "team": row.team_id,
                "hint": row.hint,
                "version": row.version,
            }
        if typed is not None:
            initial |= {name: typed[name] for name in self.base_fields if name in typed}
        super().__init__(data, initial=initial)
        self.fields["team"].queryset = Team.objects.visible_to(actor).active()  # type: ignore[attr-defined]
        self.fields["team"].empty_label = "—"  # type: ignore[attr-defined]
        if not actor.can(MANAGE_MACROS):
            del self.fields["scope"], self.fields["team"]

    def details(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {"name": given["name"], "hint": given["hint"]}
        if "scope" in self.fields:
            found |= {"scope": given["scope"], "team": given["team"]}
        return found


def rows_of(rows: QuerySet[Any], place: Place) -> QuerySet[Any]:
    rows = rows.select_related("team")
    if place.is_own:
        return rows.filter(scope=Scope.PERSONAL)
    return rows.exclude(scope=Scope.PERSONAL)


def lines_of(
    rows: QuerySet[Any], place: Place, name: str, is_broken: Callable[[Any], bool]
) -> Sequence[dict[str, Any]]:
    return [
        {
            "row": row,
            "url": place.url(name, row.pk),
            "whom": row.team or Scope(row.scope).label,
            "is_broken": is_broken(row),
        }
        for row in rows[:_SHOWN]
    ]
