"""What screens ask about people. A valid form's ``changes()`` is what the action takes by name."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.core.access import Actor
from otklik.people.models import Agent, Organisation, Person, Role, Team, User
from otklik.people.roles import role_name


@lru_cache(maxsize=1)
def list_time_zones() -> list[str]:
    """Names such as "Europe/Moscow" of places, for a picker."""
    return sorted(
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))
    ) + ["UTC"]


def time_zone_choices(empty: Any = "") -> list[tuple[str, Any]]:
    return [("", empty), *((name, name.replace("_", " ")) for name in list_time_zones())]


def language_choices(empty: Any = "") -> list[tuple[str, Any]]:
    return [("", empty), *settings.LANGUAGES]


class PersonForm(forms.Form):
    """``email`` is asked only when a person is written down; later addresses are identities."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), required=False
    )
    account_manager = forms.ModelChoiceField(
        Agent.objects.none(),
        label=_("Account manager"),
        empty_label=_("Nobody"),
        help_text=_("Empty: the organisation’s."),
        required=False,
    )
    is_vip = forms.BooleanField(label=_("VIP"), required=False)
    job_title = forms.CharField(label=_("Position"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    notes = forms.CharField(
        label=_("In short"),
        help_text=_("Who this is, in a few words. The customer does not see it."),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, actor: Actor, person: Person | None = None, **kwargs: Any
    ) -> None:
        names = (
            *("name", "organisation", "job_title", "language", "time_zone", "notes"),
            *("account_manager", "is_vip", "version"),
        )
        if person is not None:
            kwargs["initial"] = {name: getattr(person, name) for name in names}
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["organisation"]
        chosen.queryset = Organisation.objects.visible_to(actor).order_by("sort_name", "id")
        _offer_agents(self.fields["account_manager"], actor)
        self.fields["language"].choices = language_choices(_("Not known"))  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = time_zone_choices(_("Not known"))  # type: ignore[attr-defined]
        if person is not None:
            del self.fields["email"]

    def changes(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def _offer_agents(field: Any, actor: Actor) -> None:
    rows = Agent.objects.visible_to(actor).active().with_person()
    field.queryset = rows.order_by("person__sort_name", "id")


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    account_manager = forms.ModelChoiceField(
        Agent.objects.none(), label=_("Account manager"), empty_label=_("Nobody"), required=False
    )
    is_vip = forms.BooleanField(label=_("VIP"), required=False)
    domains = forms.CharField(
        label=_("Domains"),
        help_text=_("One per line. People with a confirmed address there join by themselves."),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    notes = forms.CharField(
        label=_("In short"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        organisation: Organisation | None = None,
        **kwargs: Any,
    ) -> None:
        if organisation is not None:
            kwargs["initial"] = {
                "name": organisation.name,
                "notes": organisation.notes,
                "account_manager": organisation.account_manager,
                "is_vip": organisation.is_vip,
                "version": organisation.version,
                "domains": "\n".join(each.domain for each in organisation.domains.all()),
            }
        super().__init__(*args, **kwargs)
        _offer_agents(self.fields["account_manager"], actor)

    def changes(self) -> dict[str, Any]:
        return self.cleaned_data | {"domains": self.cleaned_data["domains"].split()}


class AgentForm(forms.Form):
    """To invite an agent, or with ``agent`` to change one; the address stays as it is then."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    roles_held = forms.MultipleChoiceField(
        label=_("Roles"), widget=forms.CheckboxSelectMultiple, initial=["agent"]
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, actor: Actor, agent: Agent | None = None, **kwargs: Any) -> None:
        if agent is not None:
            user = User.objects.get(person_id=agent.person_id)
            kwargs["initial"] = {
                "name": agent.person.name,
                "roles_held": [role.code for role in user.roles.all()],
                "teams": list(agent.teams.all()),
                "language": agent.person.language,
            }
        super().__init__(*args, **kwargs)
        teams: Any = self.fields["teams"]
        teams.queryset = Team.objects.visible_to(actor).active()
        staff = [role for role in Role.objects.all() if role.is_staff or not role.is_builtin]
        self.fields["roles_held"].choices = [(role.code, role_name(role)) for role in staff]  # type: ignore[attr-defined]
        self.fields["language"].choices = language_choices(_("As the company"))  # type: ignore[attr-defined]
        if agent is not None:
            del self.fields["email"]

    def changes(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    line = forms.TypedChoiceField(
        label=_("Support line"),
        coerce=int,
        choices=[(1, _("First")), (2, _("Second")), (3, _("Third"))],
    )
    agents = forms.ModelMultipleChoiceField(
        Agent.objects.none(),
        label=_("Agents"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, actor: Actor, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            kwargs["initial"] = {
                "name": team.name,
                "line": team.line,
                "agents": list(team.agents.all()),
            }
        super().__init__(*args, **kwargs)
        _offer_agents(self.fields["agents"], actor)

    def changes(self) -> dict[str, Any]:
        return self.cleaned_data | {"agents": list(self.cleaned_data["agents"])}
