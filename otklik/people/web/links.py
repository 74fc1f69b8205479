"""Mailed links: GET shows what they do and a button or form, POST does it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from otklik.core.access import Invalid, Missing
from otklik.people import limits
from otklik.people.middleware import AS_CUSTOMER
from otklik.people.models import SignInLink, User
from otklik.people.sign_in import CUSTOMER_HOME, Purpose, find_link, redeem, redeem_with_password
from otklik.people.web.forms import NewPasswordForm
from otklik.people.web.sessions import place_of, start_session


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    limits.demand_room(limits.LINKS_FROM_PLACE, place_of(request))
    found = find_link(token)
    if found is None or found.purpose == Purpose.SETUP:
        limits.count_try(limits.LINKS_FROM_PLACE, place_of(request))
        return _gone(request)
    try:
        if found.purpose == Purpose.SIGN_IN:
            response = _sign_in(request, token)
        else:
            response = _choose_password(request, found, token)
    except Missing:
        response = _gone(request)
    # The token is in the address: it goes to nobody else. Not "no-referrer": browsers then send
    # "Origin: null" with the form, which is refused as another site's.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _sign_in(request: HttpRequest, token: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "people/link_sign_in.html")
    redeemed = redeem(token)
    # An agent who looks at the portal through a link keeps the session they work in.
    is_signed_in = request.user == redeemed.user and not request.session.get(AS_CUSTOMER)
    if not is_signed_in:
        start_session(request, _with_backend(redeemed.user), as_customer=True)
    return redirect(redeemed.next_path or CUSTOMER_HOME)


def _choose_password(request: HttpRequest, found: SignInLink, token: str) -> HttpResponse:
    form = NewPasswordForm(request.POST or None)
    context = {
        "form": form,
        "is_invitation": found.purpose == Purpose.INVITATION,
        "email": found.user.email if found.user else "",
    }
    if request.method == "POST" and form.is_valid():
        try:
            redeemed = redeem_with_password(token, form.cleaned_data["password"])
        except Invalid as refusal:
            form.add_error("password", str(refusal))
        else:
            start_session(request, _with_backend(redeemed.user))
            return redirect(redeemed.next_path or settings.LOGIN_REDIRECT_URL)
    status = 422 if request.method == "POST" else 200
    return render(request, "people/link_password.html", context, status=status)


def _with_backend(user: User) -> User:
    """Read anew: the session is bound to the password and epoch stored just now."""
    return User.objects.get(pk=user.pk)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "people/link_gone.html", status=404)
