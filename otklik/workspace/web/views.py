"""Saved views: keeping, sharing, arranging them; how each one is counted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.access import Actor, Missing
from otklik.core.vocabulary.language import QueryProblem, read_query, spell_query
from otklik.kit.numbers import whole_number
from otklik.people.models import Role, Team
from otklik.tickets.permissions import MANAGE
from otklik.tickets.queries import walking
from otklik.ui.toasts import with_toast
from otklik.workspace import actions
from otklik.workspace.models import View, ViewScope
from otklik.workspace.permissions import SHARE_VIEWS
from otklik.workspace.queries.asking import Asked, ask, shown_query
from otklik.workspace.queries.layouts import COLUMNS, GROUPINGS, LAYOUTS, USUAL_COLUMNS
from otklik.workspace.queries.navigation import SORT_LABELS
from otklik.workspace.queries.views import (
    find_view,
    list_views,
    open_view,
    query_of_view,
    question_of,
)
from otklik.workspace.settings_screens.doors import saved, status_of
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import (
    actor_of,
    last_operation,
    staff_view,
    undo_url,
)


class ViewForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    query = forms.CharField(
        label=gettext_lazy("Query"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("As above a list: status:open team:me priority>=high."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    scope = forms.ChoiceField(label=gettext_lazy("Who has it"), choices=ViewScope.choices)
    team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Team"), required=False, empty_label="—"
    )
    role = forms.ModelChoiceField(
        Role.objects.none(), label=gettext_lazy("Role"), required=False, empty_label="—"
    )
    layout = forms.ChoiceField(
        label=gettext_lazy("Shown as"), choices=LAYOUTS.items(), required=False
    )
    sort = forms.ChoiceField(label=gettext_lazy("Order"), required=False)
    grouping = forms.ChoiceField(
        label=gettext_lazy("In groups by"), choices=GROUPINGS.items(), required=False
    )
    columns = forms.CharField(
        label=gettext_lazy("Columns of the table, in this order"),
        max_length=400,
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sort"].choices = [("", _("As usual")), *SORT_LABELS.items()]  # type: ignore[attr-defined]
        self.may_share = actor.can(SHARE_VIEWS)
        if self.may_share:
            self.fields["team"].queryset = Team.objects.active()  # type: ignore[attr-defined]
            self.fields["role"].queryset = Role.objects.filter(is_staff=True)  # type: ignore[attr-defined]
        else:
            for name in ("scope", "team", "role"):
                del self.fields[name]

    def clean_query(self) -> str:
        try:
            self.asked = read_query("ticket", self.cleaned_data["query"].strip())
        except QueryProblem as problem:
            raise forms.ValidationError(str(problem)) from None
        return str(self.cleaned_data["query"])

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given.get(name) or "" for name in ("name", "sort", "grouping", "layout")}
        found["columns"] = chosen_columns(self.data)
        if self.may_share:
            found |= {name: given.get(name) for name in ("scope", "team", "role")}
        return found | {"query": self.asked}


def chosen_columns(given: Any) -> list[str]:
    """Ticked ones in the order of their numbers; the usual ones count as none of one's own."""
    if not isinstance(given, QueryDict):
        return []
    ticked = [name for name in given.getlist("column") if name in COLUMNS]

    def place(name: str) -> tuple[int, int]:
        number = whole_number(given.get(f"place-{name}"))
        return 999 if number is None else number, list(COLUMNS).index(name)

    found = sorted(dict.fromkeys(ticked), key=place)
    return [] if tuple(found) == USUAL_COLUMNS else found


@staff_view("GET", "HEAD", "POST")
def views(request: HttpRequest) -> HttpResponseBase:
    """All that this one may have in the navigation, in their order; POST keeps a new one."""
    actor = actor_of(request)
    if request.method == "POST":
        return new(request)
    found = list_views(actor, with_hidden=True)
    lines = [
        {
            "view": view,
            "opened": open_view(view),
            "scope": _scope_words(view),
            "may_change": actions.may_change_view(actor, view),
            "hidden": bool(view.hidden),  # type: ignore[attr-defined]
        }
        for view in found
    ]
    context = {"lines": lines} | shell_context(request, "views")
    return render(request, "workspace/views.html", context)


@staff_view("GET", "HEAD", "POST")
def new(request: HttpRequest) -> HttpResponseBase:
    """Keeps what the address shows as a view."""
    actor = actor_of(request)
    asked = ask(actor, request.GET)
    form = ViewForm(request.POST or None, actor=actor, initial=_initial(asked))
    if request.method == "POST" and form.is_valid():
        made: list[View] = []
        if saved(form, lambda: made.append(actions.create_view(actor, **form.values()))):
            url = f"{reverse('workspace:inbox')}?view={made[0].pk}"
            return with_toast(request, redirect(url), _("The view is in your navigation"))
    return _form_page(request, form, _("New view"), None)


@staff_view("GET", "HEAD", "POST")
def view(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor = actor_of(request)
    found = _get(actor, pk)
    initial = {
        "name": found.name,
        "query": spell_query("ticket", query_of_view(found)),
        "scope": found.scope,
        "team": found.team_id,
        "role": found.role_id,
        "layout": found.layout,
        "sort": found.sort,
        "grouping": found.grouping,
    }
    form = ViewForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        seen, before = whole_number(request.POST.get("version")), last_operation(actor)
        if saved(form, lambda: actions.change_view(actor, found, version=seen, **form.values())):
            url = f"{reverse('workspace:inbox')}?view={found.pk}"
            return with_toast(request, redirect(url), _("Saved"), undo=undo_url(actor, before))
    return _form_page(request, form, found.name, found)


@staff_view("POST")
def adoption(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The view from now on as the address shows it: query, order, layout, groups, columns."""
    actor = actor_of(request)
    found = _get(actor, pk)
    asked = ask(actor, request.GET)
    if asked.problem is not None:
        raise asked.problem
    before = last_operation(actor)
    actions.change_view(
        actor,
        found,
        query=read_query("ticket", shown_query(asked.filters)),
        sort=asked.sort.code if asked.sort else "",
        layout=asked.layout.layout,
        grouping=asked.layout.grouping,
        columns=asked.layout.columns,
    )
    url = f"{reverse('workspace:inbox')}?view={found.pk}"
    return with_toast(request, redirect(url), _("Saved"), undo=undo_url(actor, before))


@staff_view("POST")
def removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor = actor_of(request)
    found = _get(actor, pk)
    before = last_operation(actor)
    actions.remove_view(actor, found)
    words = _("The view %(name)s is gone") % {"name": found.name}
    answer = redirect("workspace:views")
    return with_toast(request, answer, words, undo=undo_url(actor, before))


@staff_view("POST")
def copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor = actor_of(request)
    made = actions.copy_view(actor, _get(actor, pk))
    return with_toast(request, redirect("workspace:view", made.pk), _("This copy is yours"))


@staff_view("POST")
def place(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Out of one's navigation (``hidden``), back, or a place up or down (``move``)."""
    actor = actor_of(request)
    found = _get(actor, pk)
    if "hidden" in request.POST:
        actions.hide_view(actor, found, is_hidden=request.POST["hidden"] == "1")
    step = {"up": -1, "down": 1}.get(request.POST.get("move", ""))
    if step is not None:
        own = list_views(actor, with_hidden=True)
        at = next((n for n, each in enumerate(own) if each.pk == found.pk), None)
        if at is not None and 0 <= at + step < len(own):
            own[at], own[at + step] = own[at + step], own[at]
            actions.order_views(actor, own)
    return redirect(f"{reverse('workspace:views')}#view-{found.pk}")


def _get(actor: Actor, pk: int) -> View:
    found = find_view(actor, pk)
    if found is None:
        raise Missing(_("There is no such view, or it is not yours to see."))
    return found


def _initial(asked: Asked) -> dict[str, Any]:
    said = {
        "mine": "unfinished:yes assignee:me",
        "unassigned": "unfinished:yes assignee:none",
        "team": "unfinished:yes team:me",
        "all": "unfinished:yes",
        "snoozed": "snoozed:any",
        "solved": "solved<30d",
        "spam": "spam:yes",
        "trash": "trash:yes",
    }.get(asked.filters.list, "")
    own = spell_query("ticket", read_query("ticket", said))
    return {
        "query": f"{own} {shown_query(asked.filters)}".strip(),
        "sort": asked.sort.code if asked.sort else "",
        "layout": asked.layout.layout,
        "grouping": asked.layout.grouping,
        "columns": ",".join(asked.layout.columns),
        "scope": ViewScope.PERSONAL,
    }


def _form_page(
    request: HttpRequest, form: ViewForm, title: str, found: View | None
) -> HttpResponse:
    actor = actor_of(request)
    if form.is_bound:
        chosen: list[str] = chosen_columns(form.data)
    elif found is not None:
        chosen = list(found.columns)
    else:
        chosen = [name for name in form.initial["columns"].split(",") if name in COLUMNS]
    shown = chosen or list(USUAL_COLUMNS)
    columns = [
        (name, str(label), name in shown, shown.index(name) + 1 if name in shown else "")
        for name, label in COLUMNS.items()
    ]
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "found": found,
        "columns": columns,
        "may_change": found is None or actions.may_change_view(actor, found),
        "warning": open_view(found).warning if found else "",
        "plan": _plan(actor, found) if found and actor.can(MANAGE) else None,
    }
    context |= shell_context(request, "views")
    return render(request, "workspace/view.html", context, status=status_of(form))


def _plan(actor: Actor, found: View) -> dict[str, Any]:
    """How the database counts the view: for those who look after it."""
    question = question_of(actor, found, timezone.now())
    if question is None or question.statement is None:
        return {"lines": [], "road": "", "is_exact": True}
    return {
        "lines": walking.explain(question.statement),
        "road": question.road.index,
        "is_exact": question.is_exact,
        "most": walking.COUNT_CANDIDATES,
    }


def _scope_words(view: View) -> str:
    if view.scope == ViewScope.TEAM and view.team is not None:
        return _("Team %(name)s") % {"name": view.team.name}
    if view.scope == ViewScope.ROLE and view.role is not None:
        return _("Role %(name)s") % {"name": str(view.role)}
    return _("Only me")
