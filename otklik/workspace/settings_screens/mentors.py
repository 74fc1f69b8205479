"""Trainees and guests: whose replies wait for a mentor, who may be invited to notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from otklik.core.access import ActionError, Actor
from otklik.core.settings import put
from otklik.people.models import Agent
from otklik.people.permissions import MANAGE_AGENTS
from otklik.tickets.actions.guests import DOMAINS, company_domains
from otklik.tickets.actions.reviewing import set_mentor
from otklik.tickets.models import Traineeship
from otklik.workspace.settings_screens.doors import (
    actor_of,
    done,
    open_to,
    saved,
    show_refusal,
    status_of,
)

SCOPES = (
    ("all", gettext_lazy("All replies")),
    ("first", gettext_lazy("The first reply in each ticket")),
    ("solving", gettext_lazy("Replies that solve a ticket")),
)
_DOMAINS_ARE = "settings.change"


class MentorForm(forms.Form):
    mentor = forms.ModelChoiceField(
        Agent.objects.none(),
        label=gettext_lazy("Mentor"),
        help_text=gettext_lazy("Replies wait until the mentor approves them."),
        required=False,
        empty_label=gettext_lazy("Nobody checks replies"),
    )
    scope = forms.ChoiceField(label=gettext_lazy("What waits"), choices=SCOPES, initial="all")

    def __init__(self, *args: Any, actor: Actor, agent: Agent, **kwargs: Any) -> None:
        known = Traineeship.objects.filter(agent=agent).first()
        if known is not None:
            kwargs["initial"] = {"mentor": known.mentor_id, "scope": known.scope}
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["mentor"]
        rows = Agent.objects.visible_to(actor).active().with_person()
        chosen.queryset = rows.exclude(pk=agent.pk).order_by("person__sort_name", "id")


class GuestsForm(forms.Form):
    domains = forms.CharField(
        label=gettext_lazy("Domains of the company"),
        help_text=gettext_lazy(
            "One per line. Colleagues with a confirmed address there may be invited to the notes "
            "of a ticket."
        ),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_AGENTS, _DOMAINS_ARE)
def index(request: HttpRequest) -> HttpResponseBase:
    """Who learns from whom, and the domains guests come from."""
    actor = actor_of(request)
    may_change = actor.can(_DOMAINS_ARE)
    initial = {"domains": "\n".join(company_domains())}
    form = GuestsForm(
        request.POST if may_change and request.method == "POST" else None, initial=initial
    )
    url = reverse("settings_screens:mentors")
    if request.method == "POST" and form.is_valid():
        given = [line.strip().lower() for line in form.cleaned_data["domains"].splitlines()]
        domains = list(dict.fromkeys(line.removeprefix("@") for line in given if line))
        try:
            put(actor, DOMAINS, domains)
        except ActionError as refusal:
            show_refusal(form, refusal, {DOMAINS: "domains"})
        else:
            return done(request, url, _("Saved"))
    rows = Traineeship.objects.select_related("agent__person", "mentor__person")
    context = {
        "form": form,
        "may_change": may_change,
        "may_manage": actor.can(MANAGE_AGENTS),
        "trainees": [
            {"row": row, "scope": dict(SCOPES)[row.scope]}
            for row in rows.order_by("agent__person__sort_name")
        ],
        "title": _("Trainees and guests"),
    }
    return render(request, "workspace/settings/mentors.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE_AGENTS)
def mentor(request: HttpRequest, agent_id: int) -> HttpResponseBase:
    """Who checks the replies of one agent."""
    actor = actor_of(request)
    rows = Agent.objects.visible_to(actor).with_person()
    agent: Agent = get_object_or_404(rows, pk=agent_id)
    form = MentorForm(request.POST or None, actor=actor, agent=agent)
    back = reverse("settings_screens:agent", args=[agent.pk])
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: set_mentor(actor, agent, **form.cleaned_data))
    ):
        return done(request, back, _("Saved"))
    context = {
        "form": form,
        "title": _("Mentor"),
        "crumb": agent.person.name,
        "crumb_url": back,
    }
    return render(request, "workspace/settings/form.html", context, status=status_of(form))
