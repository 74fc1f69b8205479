"""Signing in with a password, and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.web.places import place_of as place_of
from otklik.people import limits
from otklik.people.actors import find_active_agent
from otklik.people.events import UserSignedIn
from otklik.people.middleware import AS_CUSTOMER
from otklik.people.models import User
from otklik.people.queries import has_administrator
from otklik.people.sign_in import CUSTOMER_HOME, safe_path
from otklik.people.web.forms import SignInForm

BACKEND = "otklik.people.backends.EmailBackend"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        wanted = safe_path(request.GET.get("next", ""))
        if isinstance(request.user, User) and not request.session.get(AS_CUSTOMER):
            return redirect(wanted or _home(request.user))
        return _page(request, SignInForm(initial={"next": wanted}))
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            user = _check(request, form.cleaned_data["email"], form.cleaned_data["password"])
        except limits.TooManyTries as refusal:
            form.add_error(None, str(refusal))
            return _page(request, form, refusal.status)
        if user is not None:
            start_session(request, user)
            with write():
                record(SYSTEM, UserSignedIn(user.person_id, user.pk, "password"))
            return redirect(safe_path(form.cleaned_data["next"]) or _home(user))
        form.add_error(None, _("The address or the password is not right."))
    return _page(request, form, 422)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    was_customer = bool(request.session.get(AS_CUSTOMER))
    logout(request)
    return redirect(CUSTOMER_HOME if was_customer else settings.LOGIN_URL)


def start_session(request: HttpRequest, user: User, *, as_customer: bool = False) -> None:
    """A new session key, so that nobody can have set it before."""
    login(request, user, backend=BACKEND)
    if as_customer:
        request.session[AS_CUSTOMER] = True
    else:
        request.session.pop(AS_CUSTOMER, None)


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "nobody_yet": not has_administrator()}
    return render(request, "people/sign_in.html", context, status=status)


def _check(request: HttpRequest, email: str, password: str) -> User | None:
    """The user, or None. Raises TooManyTries; tries that succeed do not count."""
    address, place = email.strip().lower(), place_of(request)
    limits.demand_room(limits.FAILURES_FROM_PLACE, place)
    limits.demand_room(limits.FAILURES_OF_ADDRESS, address)
    limits.demand_room(limits.FAILURES_OF_ADDRESS_FROM_PLACE, address, place)
    user = authenticate(request, email=address, password=password)
    if isinstance(user, User):
        limits.forget_tries(limits.FAILURES_OF_ADDRESS_FROM_PLACE, address, place)
        return user
    limits.count_try(limits.FAILURES_FROM_PLACE, place)
    limits.count_try(limits.FAILURES_OF_ADDRESS, address)
    limits.count_try(limits.FAILURES_OF_ADDRESS_FROM_PLACE, address, place)
    return None


def _home(user: User) -> str:
    return settings.LOGIN_REDIRECT_URL if find_active_agent(user.person) else CUSTOMER_HOME
