"""Teams, and roles with what each permits."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import Actor, Invalid, list_permissions
from otklik.people.actions import (
    change_role,
    change_team,
    create_role,
    create_team,
    remove_role,
)
from otklik.people.forms import TeamForm
from otklik.people.models import Role, Team
from otklik.people.permissions import MANAGE_AGENTS
from otklik.people.queries import list_teams
from otklik.people.roles import permissions_of, role_name
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of


class RoleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    permissions = forms.MultipleChoiceField(
        label=gettext_lazy("May"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, actor: Actor, role: Role | None = None) -> None:
        initial = {"name": role.name, "permissions": role.permissions} if role else None
        super().__init__(*args, initial=initial)  # type: ignore[arg-type, misc]
        # Nobody gives more than they have, so nothing else is offered.
        self.fields["permissions"].choices = [  # type: ignore[attr-defined]
            (each.code, each.label) for each in list_permissions() if actor.can(each.code)
        ]


@require_safe
@open_to(MANAGE_AGENTS)
def teams(request: HttpRequest) -> HttpResponse:
    rows = list_teams(actor_of(request), is_active=None)
    return render(request, "workspace/settings/teams.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_AGENTS)
def team(request: HttpRequest, team_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    rows = Team.objects.visible_to(actor)
    found = get_object_or_404(rows, pk=team_id) if team_id else None
    form = TeamForm(request.POST or None, actor=actor, team=found)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: _save_team(actor, found, form))
    ):
        return done(request, reverse("settings_screens:teams"), _("Saved"))
    context = {
        "form": form,
        "team": found,
        "title": found.name if found else _("New team"),
        "crumb": _("Teams"),
        "crumb_url": reverse("settings_screens:teams"),
    }
    return render(request, "workspace/settings/team.html", context, status=status_of(form))


@require_POST
@open_to(MANAGE_AGENTS)
def rest_team(request: HttpRequest, team_id: int) -> HttpResponseBase:
    """Let a team get nothing new; ``?undo=1`` takes it back."""
    actor = actor_of(request)
    found: Team = get_object_or_404(Team.objects.visible_to(actor), pk=team_id)
    is_back = bool(request.GET.get("undo"))
    change_team(actor, found, is_active=is_back)
    here = reverse("settings_screens:rest_team", args=[found.pk])
    if is_back:
        words, undo = _("%(name)s gets tickets again"), here
    else:
        words, undo = _("%(name)s gets no more tickets"), f"{here}?undo=1"
    return done(request, reverse("settings_screens:teams"), words % {"name": found}, undo=undo)


@require_safe
@open_to(MANAGE_AGENTS)
def roles(request: HttpRequest) -> HttpResponse:
    labels = {each.code: str(each.label) for each in list_permissions()}
    lines = []
    for row in Role.objects.all():
        held = permissions_of([row])
        lines.append(
            {
                "role": row,
                "name": role_name(row),
                "may": [labels[code] for code in sorted(held) if code in labels],
                "is_all": len(held & labels.keys()) == len(labels),
            }
        )
    return render(request, "workspace/settings/roles.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_AGENTS)
def role(request: HttpRequest, role_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    found = get_object_or_404(Role, pk=role_id, is_builtin=False) if role_id else None
    form = RoleForm(request.POST or None, actor=actor, role=found)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: _save_role(actor, found, form))
    ):
        return done(request, reverse("settings_screens:roles"), _("Saved"))
    return _role_page(request, found, form)


@require_POST
@open_to(MANAGE_AGENTS)
def drop_role(request: HttpRequest, role_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    found = get_object_or_404(Role, pk=role_id, is_builtin=False)
    try:
        remove_role(actor, found)
    except Invalid as refusal:
        return _role_page(request, found, RoleForm(actor=actor, role=found), str(refusal))
    words = _("The role %(name)s is gone") % {"name": found}
    return done(request, reverse("settings_screens:roles"), words)


def _role_page(
    request: HttpRequest, found: Role | None, form: RoleForm, refused: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "role": found,
        "refused": refused,
        "title": found.name if found else _("New role"),
        "crumb": _("Roles and rights"),
        "crumb_url": reverse("settings_screens:roles"),
    }
    status = 422 if refused else status_of(form)
    return render(request, "workspace/settings/role.html", context, status=status)


def _save_team(actor: Actor, found: Team | None, form: TeamForm) -> None:
    if found is None:
        create_team(actor, **form.changes())
    else:
        change_team(actor, found, **form.changes())


def _save_role(actor: Actor, found: Role | None, form: RoleForm) -> None:
    if found is None:
        create_role(actor, **form.cleaned_data)
    else:
        change_role(actor, found, **form.cleaned_data)
