"""Agents: who works here, in which roles and teams."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core.access import Actor, Invalid
from otklik.people.actions import activate_agent, change_agent, deactivate_agent
from otklik.people.forms import AgentForm
from otklik.people.invitations import invite_again, invite_agent
from otklik.people.models import Agent, User
from otklik.people.permissions import MANAGE_AGENTS
from otklik.people.queries import list_agents
from otklik.people.roles import role_name
from otklik.tickets.models import Traineeship
from otklik.workspace.settings_screens.doors import (
    actor_of,
    done,
    open_to,
    show_refusal,
    status_of,
)

_NAMES = {"roles": "roles_held"}


@require_safe
@open_to(MANAGE_AGENTS)
def index(request: HttpRequest) -> HttpResponse:
    agents = list(list_agents(actor_of(request), is_active=None))
    users = {
        user.person_id: user
        for user in User.objects.filter(
            person__in=[agent.person_id for agent in agents]
        ).prefetch_related("roles")
    }
    lines = [_line(agent, users.get(agent.person_id)) for agent in agents]
    lines.sort(key=lambda line: not line["agent"].is_active)
    return render(request, "workspace/settings/agents.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_AGENTS)
def invite(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    form = AgentForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            invite_agent(actor, **form.changes())
        except Invalid as refusal:
            show_refusal(form, refusal, _NAMES)
        else:
            words = _("An invitation is on its way to %(email)s") % {
                "email": form.cleaned_data["email"]
            }
            return done(request, reverse("settings_screens:agents"), words)
    context = {
        "form": form,
        "title": _("Invite an agent"),
        "save": _("Send the invitation"),
        **_crumb(),
    }
    return render(request, "workspace/settings/form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_AGENTS)
def edit(request: HttpRequest, agent_id: int) -> HttpResponseBase:
    actor, agent = actor_of(request), _find(request, agent_id)
    form = AgentForm(request.POST or None, actor=actor, agent=agent)
    if request.method == "POST" and form.is_valid():
        try:
            change_agent(actor, agent, **form.changes())
        except Invalid as refusal:
            show_refusal(form, refusal, _NAMES)
        else:
            return done(request, reverse("settings_screens:agents"), _("Saved"))
    return _page(request, actor, agent, form)


@require_POST
@open_to(MANAGE_AGENTS)
def deactivate(request: HttpRequest, agent_id: int) -> HttpResponseBase:
    """``?undo=1`` takes it back."""
    actor, agent = actor_of(request), _find(request, agent_id)
    here = reverse("settings_screens:deactivate_agent", args=[agent.pk])
    url = reverse("settings_screens:agents")
    if request.GET.get("undo"):
        activate_agent(actor, agent)
        words = _("%(name)s may sign in again") % {"name": agent}
        return done(request, url, words, undo=here)
    try:
        deactivate_agent(actor, agent)
    except Invalid as refusal:
        form = AgentForm(actor=actor, agent=agent)
        return _page(request, actor, agent, form, refused=str(refusal))
    words = _("%(name)s can no longer sign in") % {"name": agent}
    return done(request, url, words, undo=f"{here}?undo=1")


@require_POST
@open_to(MANAGE_AGENTS)
def invite_anew(request: HttpRequest, agent_id: int) -> HttpResponseBase:
    agent = _find(request, agent_id)
    invite_again(actor_of(request), agent)
    words = _("Another invitation is on its way. The earlier link no longer works")
    return done(request, reverse("settings_screens:agent", args=[agent.pk]), words)


def _find(request: HttpRequest, agent_id: int) -> Agent:
    rows = Agent.objects.visible_to(actor_of(request)).with_person()
    agent: Agent = get_object_or_404(rows, pk=agent_id)
    return agent


def _page(
    request: HttpRequest, actor: Actor, agent: Agent, form: AgentForm, refused: str = ""
) -> HttpResponse:
    user = User.objects.prefetch_related("roles").get(person_id=agent.person_id)
    context = {
        "form": form,
        "line": _line(agent, user),
        "agent": agent,
        "traineeship": Traineeship.objects.select_related("mentor__person")
        .filter(agent=agent)
        .first(),
        "refused": refused,
        "is_self": actor.person_id == agent.person_id,
        "title": agent.person.name,
        **_crumb(),
    }
    status = 422 if refused else status_of(form)
    return render(request, "workspace/settings/agent.html", context, status=status)


def _line(agent: Agent, user: User | None) -> dict[str, Any]:
    return {
        "agent": agent,
        "email": user.email if user else "",
        "roles": [role_name(role) for role in user.roles.all()] if user else [],
        "teams": [team.name for team in agent.teams.all()],
        "is_invited": bool(user and agent.is_active and not user.has_usable_password()),
    }


def _crumb() -> dict[str, str]:
    return {"crumb": _("Agents"), "crumb_url": reverse("settings_screens:agents")}
