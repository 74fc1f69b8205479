"""Mailboxes for administrators: a list, and one form with its connection test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.channels.actions import route_account
from otklik.channels.contract import Check
from otklik.core.access import Actor, Invalid
from otklik.core.db import write
from otklik.core.web.announcing import find_announced
from otklik.desk.actions import (
    activate_account,
    change_account,
    create_account,
    deactivate_account,
)
from otklik.desk.models import Account
from otklik.ui.toasts import with_toast
from otklik.workspace.settings_screens.checking import check_account
from otklik.workspace.settings_screens.doors import actor_of, done

from . import oauth
from .domain_check import keep_report, read_report
from .domain_words import tell
from .doors import for_administrators
from .forms import ImportForm, MailboxForm, settings_or_default
from .health import look_at_each, look_at_mailbox, round_trip_item
from .mailboxes import DIRECTORY, KIND
from .models import DomainReport
from .oauth_pages import way_back
from .oauth_providers import provider_for
from .round_trips import find_latest
from .tasks import import_mailbox, round_trip

MOST = 200  # mailboxes of the list


@require_safe
@for_administrators
def mailboxes(request: HttpRequest) -> HttpResponse:
    accounts = Account.objects.filter(kind=KIND).select_related("brand").order_by("name", "id")
    rows = look_at_each(accounts[:MOST])
    return render(request, "channel_email/mailboxes.html", {"rows": rows})


@sensitive_post_parameters("imap_password", "smtp_password", "oauth_client_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def mailbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new mailbox or one of ours. Saving tests first; what fails is shown and can be saved."""
    actor = actor_of(request)
    account = get_object_or_404(Account, pk=pk, kind=KIND) if pk else None
    if request.method != "POST":
        return _page(request, MailboxForm(actor=actor, account=account), account)
    form = MailboxForm(request.POST, actor=actor, account=account)
    if not form.is_valid():
        return _page(request, form, account, status=422)
    checks: Sequence[Check] = ()
    if "anyway" not in request.POST:
        checks = check_account(form.account()).checks
    if any(check.state == "failed" for check in checks):
        form.blame(checks)
        return _page(request, form, account, checks, status=422)
    try:
        saved = _save(actor, form, account)
    except Invalid as refusal:
        form.add_error("address", str(refusal))
        return _page(request, form, account, checks, status=422)
    DIRECTORY.forget()
    if not checks:
        return redirect("channel_email:mailbox", pk=saved.pk)
    return _page(request, MailboxForm(actor=actor, account=saved), saved, checks, is_saved=True)


@require_POST
@for_administrators
def mailbox_activity(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Switch a mailbox off or on: nothing in, nothing out, its tickets stay."""
    actor = actor_of(request)
    account = get_object_or_404(Account, pk=pk, kind=KIND)
    change = deactivate_account if account.is_active else activate_account
    change(actor, account)
    DIRECTORY.forget()
    if account.is_active:
        words = _("%(name)s is switched on") % {"name": account}
    else:
        words = _("%(name)s takes nothing in any more") % {"name": account}
    page = reverse("channel_email:mailbox", args=[account.pk])
    return done(request, page, words, undo=request.path)


@require_POST
@for_administrators
def mailbox_imports(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in mail that is older than the connection; a job does it."""
    actor = actor_of(request)
    account = get_object_or_404(Account, pk=pk, kind=KIND, is_active=True)
    form = ImportForm(request.POST)
    if not form.is_valid():
        return _page(request, MailboxForm(actor=actor, account=account), account, status=422)
    with write():
        import_mailbox.enqueue(account_id=account.pk, days=form.cleaned_data["days"])
    response = redirect("channel_email:mailbox", pk=account.pk)
    return with_toast(request, response, _("Older mail is being taken in."))


@require_POST
@for_administrators
def mailbox_round_trips(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a letter to ourselves; a job does it."""
    account = get_object_or_404(Account, pk=pk, kind=KIND, is_active=True)
    with write():
        round_trip.enqueue(account_id=account.pk)
    response = redirect("channel_email:mailbox", pk=account.pk)
    return with_toast(request, response, _("The letter is on its way."))


@require_POST
@for_administrators
def mailbox_domain(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the DNS about the mailbox's domain now."""
    account = get_object_or_404(Account, pk=pk, kind=KIND)
    keep_report(account)
    return redirect(reverse("channel_email:mailbox", args=[account.pk]) + "#domain")


def _save(actor: Actor, form: MailboxForm, account: Account | None) -> Account:
    """The account and its route stand or fall together."""
    with write():
        if account is None:
            saved = create_account(actor, kind=KIND, **form.changes())
        else:
            saved = change_account(actor, account, **form.changes())
        route_account(actor, saved, form.cleaned_data["team"])
    return saved


def _page(
    request: HttpRequest,
    form: MailboxForm,
    account: Account | None,
    checks: Sequence[Check] = (),
    *,
    status: int = 200,
    is_saved: bool = False,
) -> HttpResponse:
    failed = [check for check in checks if check.state == "failed"]
    context = {
        "form": form,
        "account": account,
        "state": look_at_mailbox(account) if account and account.is_active else None,
        "checks": checks,
        "advice": [step for check in checks if check.state != "ok" for step in check.advice],
        "replies": [check.server_reply for check in failed if check.server_reply],
        "is_saved": is_saved,
        "has_failed": bool(failed),
        "now": timezone.now(),
        "mail_port": find_announced("mail"),
        "way_back": way_back(),
        **_sign_in(account),
        **_watching(account),
        "import_form": ImportForm() if account and account.config.get("imap_host") else None,
    }
    return render(request, "channel_email/mailbox.html", context, status=status)


def _watching(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    report = DomainReport.objects.filter(account=account).first()
    letter = find_latest(account.pk)
    return {
        "domain_report": report,
        "domain_checks": tell(read_report(report)) if report else [],
        "round_trip": round_trip_item(letter) if letter else None,
    }


def _sign_in(account: Account | None) -> dict[str, Any]:
    """The provider of a mailbox that signs in there, and what is to be done about it."""
    settings = settings_or_default(account)
    provider = provider_for(settings)
    if account is None or provider is None or not settings.oauth_client_id:
        return {}
    try:
        oauth.find_usable(account, settings)
    except oauth.NotAuthorised as problem:
        return {"provider": provider, "grant_words": _(str(problem))}
    return {"provider": provider, "grant_words": ""}
