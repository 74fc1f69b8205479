"""What the pages of macros and of scripts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.access import Actor
from otklik.people.models import Team
from otklik.workspace.actions import may_change_offered
from otklik.workspace.models import Offered, Scope
from otklik.workspace.permissions import MANAGE_MACROS
from otklik.workspace.settings_screens.by_language import ByLanguage, add_words, read_words
from otklik.workspace.settings_screens.doors import actor_of, done

S = TypeVar("S")

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


class OfferedForm(ByLanguage, forms.Form):
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
        words = add_words(self, "label", 120, row.labels if row else None)
        words += add_words(self, "hint", 300, row.hints if row else None)
        for name in words if typed is not None else ():
            self.fields[name].initial = typed.get(name, "")
        self.fields["team"].queryset = Team.objects.visible_to(actor).active()  # type: ignore[attr-defined]
        self.fields["team"].empty_label = "—"  # type: ignore[attr-defined]
        if not actor.can(MANAGE_MACROS):
            del self.fields["scope"], self.fields["team"]

    def details(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {"name": given["name"], "hint": given["hint"]}
        found |= {"labels": read_words(self, "label"), "hints": read_words(self, "hint")}
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


@dataclass(frozen=True, slots=True)
class Kind:
    """What is offered, with its doors and its words."""

    what: str  # macros
    one: str  # macro, as its addresses call it
    model: type[Offered]
    remove: Callable[[Actor, Any], None]
    restore: Callable[[Actor, Any], None]
    is_broken: Callable[[Any], bool]
    new_label: Any
    empty_title: Any
    empty_text: Any

    def rows(self, actor: Actor, place: Place) -> QuerySet[Any]:
        return rows_of(self.model.objects.visible_to(actor).active(), place)


def show_list(request: HttpRequest, kind: Kind, *, is_own: bool) -> HttpResponse:
    place = Place(kind.what, is_own=is_own)
    rows = kind.rows(actor_of(request), place)
    context = {
        "lines": lines_of(rows, place, kind.one, kind.is_broken),
        "place": place,
        "title": place.title,
        "new_url": place.url(f"new_{kind.one}"),
        "new_label": kind.new_label,
        "empty_title": kind.empty_title,
        "empty_text": kind.empty_text,
    }
    return render(request, "workspace/settings/macros.html", context)


def drop_offered(request: HttpRequest, kind: Kind, pk: int) -> HttpResponseBase:
    """Offer it no more; ``?undo=1`` takes it back."""
    actor = actor_of(request)
    row = get_object_or_404(kind.model.objects.visible_to(actor), pk=pk)
    place = Place(kind.what, is_own=row.owner_id is not None)
    if request.GET.get("undo"):
        kind.restore(actor, row)
        return done(
            request,
            place.url(kind.what),
            _("%(name)s is offered again") % {"name": row.label_now()},
        )
    kind.remove(actor, row)
    words = _("%(name)s is offered no more") % {"name": row}
    undo = f"{place.shared(f'drop_{kind.one}', row.pk)}?undo=1"
    return done(request, place.url(kind.what), words, undo=undo)


def editor_context(
    actor: Actor, kind: Kind, place: Place, row: Any, form: OfferedForm
) -> dict[str, Any]:
    return {
        "form": form,
        "row": row,
        "place": place,
        "title": row.label_now() if row else kind.new_label,
        "crumb": place.title,
        "crumb_url": place.url(kind.what),
        "drop_url": place.shared(f"drop_{kind.one}", row.pk) if row else "",
        "may_change": row is None or may_change_offered(actor, row),
    }


def moved(steps: list[S], asked: str, *, most: int, add: Callable[[], S | None]) -> list[S]:
    """Steps in another order, one fewer or one more: ``asked`` is "up-2", "down-2", "drop-2" or
    "add". What makes no sense changes nothing."""
    steps = list(steps)
    what, _sep, at_text = asked.partition("-")
    at = int(at_text) if at_text.isdecimal() and int(at_text) < len(steps) else None
    if what == "add" and len(steps) < most and (new := add()) is not None:
        steps.append(new)
    elif what == "drop" and at is not None:
        steps.pop(at)
    elif what == "up" and at:
        steps[at - 1], steps[at] = steps[at], steps[at - 1]
    elif what == "down" and at is not None and at + 1 < len(steps):
        steps[at + 1], steps[at] = steps[at], steps[at + 1]
    return steps
