"""My account: what agents change about themselves without an administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from otklik.core.access import Actor
from otklik.core.db import write
from otklik.people.actions import change_agent, change_preferences
from otklik.people.actions.own import change_own_password
from otklik.people.forms import language_choices, time_zone_choices
from otklik.people.models import Agent, User
from otklik.people.web.sessions import start_session
from otklik.tickets.actions.habits import change_habit, find_habit
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.web.staff import signed_in


class AccountForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        help_text=gettext_lazy("Customers see it beside your replies."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    signature = forms.CharField(
        label=gettext_lazy("Signature"),
        help_text=gettext_lazy("Stands below your replies."),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = self.fields
        choices["language"].choices = language_choices(gettext_lazy("As the browser"))
        choices["time_zone"].choices = time_zone_choices(gettext_lazy("As the company"))


class PasswordForm(forms.Form):
    current = forms.CharField(
        label=gettext_lazy("Present password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least 10 characters. Several words are easier to remember."),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SendingForm(forms.Form):
    undo_seconds = forms.TypedChoiceField(
        label=gettext_lazy("Undo after sending"),
        help_text=gettext_lazy("So long a reply waits before it leaves."),
        coerce=int,
        choices=[
            (0, gettext_lazy("Replies leave at once")),
            (10, gettext_lazy("10 seconds")),
            (20, gettext_lazy("20 seconds")),
            (30, gettext_lazy("30 seconds")),
        ],
    )
    after_sending = forms.ChoiceField(
        label=gettext_lazy("After a reply"),
        choices=[
            ("stay", gettext_lazy("Stay in the ticket")),
            ("next", gettext_lazy("Open the next one")),
            ("list", gettext_lazy("Back to the list")),
        ],
    )


@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@open_to()
def account(request: HttpRequest) -> HttpResponseBase:
    """Three forms on one page; ``do`` says which of them was sent."""
    actor, user = actor_of(request), signed_in(request)
    agent = Agent.objects.with_person().get(person_id=user.person_id)
    sent = request.POST.get("do", "") if request.method == "POST" else ""
    about = AccountForm(request.POST if sent == "about" else None, initial=_known(agent, user))
    secret = PasswordForm(request.POST if sent == "password" else None)
    habit = find_habit(user.person_id)
    sending = SendingForm(
        request.POST if sent == "sending" else None,
        initial={"undo_seconds": habit.undo_seconds, "after_sending": habit.after_sending},
    )
    url = reverse("people_screens:account")
    if (
        sent == "sending"
        and sending.is_valid()
        and saved(sending, lambda: change_habit(actor, **sending.cleaned_data))
    ):
        return done(request, url, _("Saved"))
    if (
        sent == "about"
        and about.is_valid()
        and saved(about, lambda: _keep(actor, agent, user, about))
    ):
        return done(request, url, _("Saved"))
    if sent == "password" and secret.is_valid():
        given = secret.cleaned_data
        if saved(secret, lambda: change_own_password(actor, user, **given)):
            start_session(request, user)
            words = _("The password is changed. Other devices are signed out")
            return done(request, url, words)
    return _page(request, user, about, secret, sending)


def _known(agent: Agent, user: User) -> dict[str, str]:
    return {
        "name": agent.person.name,
        "signature": agent.signature,
        "language": user.language,
        "time_zone": user.time_zone,
    }


def _keep(actor: Actor, agent: Agent, user: User, form: AccountForm) -> None:
    given = form.cleaned_data
    with write():
        change_agent(actor, agent, name=given["name"], signature=given["signature"])
        change_preferences(actor, user, language=given["language"], time_zone=given["time_zone"])


def _page(
    request: HttpRequest,
    user: User,
    about: AccountForm,
    secret: PasswordForm,
    sending: SendingForm,
) -> HttpResponse:
    context = {"about": about, "secret": secret, "sending": sending, "email": user.email}
    status = max(status_of(about), status_of(secret), status_of(sending))
    return render_page(request, "workspace/people/account.html", context, status=status)
