"""The first start without a demo: who administers the desk and what the company is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.access import SYSTEM, ActionError, Missing
from otklik.core.db import write
from otklik.core.settings import put
from otklik.desk.actions import change_brand, change_calendar
from otklik.desk.brands import ensure_default_brand
from otklik.desk.company import SET_UP_AT, company_time_zone, is_set_up
from otklik.desk.forms import CompanyForm
from otklik.desk.permissions import MANAGE_ACCOUNTS
from otklik.people import limits, roles
from otklik.people.actions import create_agent, hash_password
from otklik.people.models import User
from otklik.people.queries import has_administrator
from otklik.people.sign_in import Purpose, create_link, find_link, redeem_setup
from otklik.people.web.sessions import place_of, start_session
from otklik.workspace.settings_screens.doors import open_to, show_refusal, status_of
from otklik.workspace.settings_screens.sections import list_ways_in


class SetUpForm(CompanyForm):
    """The administrator, then the company; the fields of both in this order."""

    person = forms.CharField(label=gettext_lazy("Your name"), max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        help_text=gettext_lazy("You sign in with it."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 10 characters. Several words are easier to remember."),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def settings(self) -> dict[str, str]:
        own = {"person", "email", "password"}
        return {f"company.{k}": v for k, v in self.cleaned_data.items() if k not in own}


def make_setup_link() -> str | None:
    """A new single-use path while nobody administers the desk; an earlier one stops working."""
    if is_set_up() or has_administrator():
        return None
    token = create_link(Purpose.SETUP)
    return reverse("settings_screens:set_up", args=[token])


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponseBase:
    limits.demand_room(limits.LINKS_FROM_PLACE, place_of(request))
    link = find_link(token)
    if link is None or link.purpose != Purpose.SETUP:
        limits.count_try(limits.LINKS_FROM_PLACE, place_of(request))
        return _gone(request)
    known = {"language": (get_language() or "en")[:2], "time_zone": company_time_zone()}
    form = SetUpForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            user = _create_desk(token, form)
        except Missing:
            return _gone(request)
        except ActionError as refusal:
            show_refusal(form, refusal)
        else:
            start_session(request, user)
            return redirect("settings_screens:first_account")
    context = {"form": form}
    return render(request, "workspace/settings/set_up.html", context, status=status_of(form))


@require_safe
@open_to(MANAGE_ACCOUNTS)
def first_account(request: HttpRequest) -> HttpResponse:
    """Where mail comes from: the ways in that plug-ins bring, or later."""
    context = {"ways": list_ways_in()}
    return render(request, "workspace/settings/set_up_account.html", context)


def _create_desk(token: str, form: SetUpForm) -> User:
    """The administrator, the company, the default brand and its hours, all or nothing."""
    values = form.cleaned_data
    hashed = hash_password(values["password"])
    with write():
        redeem_setup(token)
        agent = create_agent(
            SYSTEM,
            name=values["person"],
            email=values["email"],
            roles_held=(roles.ADMINISTRATOR,),
            language=values["language"],
            password_hash=hashed,
        )
        settings: dict[str, Any] = form.settings()
        for key, value in {**settings, SET_UP_AT: timezone.now().isoformat()}.items():
            put(SYSTEM, key, value)
        brand = ensure_default_brand()
        language = values["language"]
        languages = list(dict.fromkeys([language, *brand.languages]))
        change_brand(
            SYSTEM, brand, name=values["name"][:100], language=language, languages=languages
        )
        change_calendar(SYSTEM, brand.calendar, time_zone=values["time_zone"])
    return User.objects.get(person_id=agent.person_id)


def _gone(request: HttpRequest) -> HttpResponse:
    context = {"is_set_up": is_set_up(), "title": _("This link has been used")}
    return render(request, "workspace/settings/set_up_gone.html", context, status=404)
