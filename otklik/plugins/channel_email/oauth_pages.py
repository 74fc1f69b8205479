"""Signing in with a mailbox's provider: away to it, and back.

Coming back is a GET that anybody's link can be, so it writes nothing: it shows a button, and the
POST behind it exchanges the code.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.access import Actor
from otklik.core.settings import config
from otklik.desk.accounts import report_success
from otklik.desk.models import Account
from otklik.ui.toasts import with_toast
from otklik.workspace.settings_screens.doors import actor_of

from . import oauth
from .doors import for_administrators
from .forms import settings_or_default
from .mailboxes import KIND


def way_back() -> str:
    """The address to register with the provider as the redirect URI."""
    return config().public_url + reverse("channel_email:authorisation")


@require_safe
@for_administrators
def departure(request: HttpRequest, pk: int) -> HttpResponse:
    """To the provider's own page; writes nothing."""
    actor = actor_of(request)
    account = get_object_or_404(Account, pk=pk, kind=KIND)
    try:
        left = oauth.depart(account, settings_or_default(account), _person(actor), way_back())
    except LookupError:
        raise Http404 from None
    response = redirect(left.url)
    add_never_cache_headers(response)
    return response


@sensitive_post_parameters("code", "state")
@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def authorisation(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    state = oauth.read_state(given.get("state", ""), _person(actor))
    account = Account.objects.filter(pk=state.account, kind=KIND).first() if state else None
    code, refusal = given.get("code", ""), given.get("error", "")
    if state is None or account is None or len(code) > 4000:
        words = _("This way back from the provider is too old or not yours. Begin again.")
        return _page(request, None, words, status=422)
    if refusal or not code:
        words = _("The provider let nobody in.")
        reply = f"{refusal}: {given.get('error_description', '')}"[:500]
        return _page(request, account, words, reply, status=422)
    if request.method != "POST":
        return _page(request, account, code=code, state=given["state"])
    try:
        oauth.arrive(account, settings_or_default(account), state, code, way_back())
    except oauth.NotAuthorised as problem:
        return _page(request, account, _(str(problem)), problem.reply, status=422)
    except oauth.ProviderUnreachable as error:
        words = _("The provider did not answer. Begin again in a few minutes.")
        return _page(request, account, words, str(error), status=422)
    report_success(account)
    response = redirect("channel_email:mailbox", pk=account.pk)
    return with_toast(request, response, _("%(name)s may read and send now.") % {"name": account})


def _page(
    request: HttpRequest,
    account: Account | None,
    words: str = "",
    reply: str = "",
    *,
    code: str = "",
    state: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "account": account,
        "words": words,
        "reply": reply,
        "code": code,
        "state": state,
    }
    response = render(request, "channel_email/authorisation.html", context, status=status)
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _person(actor: Actor) -> int:
    return actor.person_id or 0
