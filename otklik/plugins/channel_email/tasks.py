"""Work that is started by hand or by the clock."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from otklik.core.db import write
from otklik.core.files import release
from otklik.core.jobs import GiveUp, every, task
from otklik.desk.accounts import report_failure
from otklik.desk.models import Account

from .domain_check import keep_report
from .imap import open_session, take_older
from .mailboxes import DIRECTORY
from .models import TrayLetter
from .oauth import NotAuthorised, ProviderUnreachable, access_token
from .round_trips import is_due, send_round_trip

logger = structlog.get_logger(__name__)

MAX_IMPORT = 10_000
TRAY_KEEPS = 2000


@task(name="channel_email.import_mailbox", queue="heavy", unique=True, time_limit=3600)
def import_mailbox(account_id: int, days: int, limit: int = MAX_IMPORT) -> None:
    """Import mail of the last ``days`` that is older than the mailbox's connection to the desk.

    Sends no acknowledgement and starts no clock (origin "import"). Safe to repeat.
    """
    account = Account.objects.filter(pk=account_id).first()
    mailbox = DIRECTORY.find_account(account) if account else None
    if mailbox is None or not mailbox.settings.imap_host:
        raise GiveUp("no active mailbox with IMAP")
    since = timezone.now() - timedelta(days=min(days, 36_500))
    with open_session(mailbox) as session:
        take_older(mailbox, session, since, min(limit, MAX_IMPORT))


@every(hours=6)
@task(name="channel_email.prune_tray")
def prune_tray() -> None:
    """The outgoing tray keeps its newest letters."""
    for letter in TrayLetter.objects.select_related("raw").order_by("-id")[TRAY_KEEPS:][:500]:
        with write():
            letter.delete()
            release(letter.raw)


@every(minutes=5)
@task(name="channel_email.renew_tokens", time_limit=300)
def renew_tokens() -> None:
    """Tokens of mailboxes that only send are renewed too, so that a withdrawn consent shows before
    somebody's answer waits for it."""
    for mailbox in DIRECTORY.list_mailboxes():
        if mailbox.settings.sign_in == "password":
            continue
        account = mailbox.account
        try:
            access_token(account, mailbox.settings)
        except NotAuthorised as refusal:
            report_failure(account, str(refusal), server_reply=refusal.reply)
        except ProviderUnreachable as error:
            logger.warning("mailbox_token_not_renewed", account=account.pk, reason=str(error))


@task(name="channel_email.round_trip", unique=True, time_limit=1200)
def round_trip(account_id: int) -> None:
    """Send one letter to ourselves."""
    account = Account.objects.select_related("brand").filter(pk=account_id, is_active=True).first()
    if account is not None:
        send_round_trip(account)


@every(minutes=10)
@task(name="channel_email.round_trips")
def round_trips() -> None:
    """A job for each mailbox whose letter is due, so that a slow server delays no other."""
    for mailbox in DIRECTORY.list_mailboxes():
        if is_due(mailbox.account):
            with write():
                round_trip.enqueue(account_id=mailbox.account.pk)


@task(name="channel_email.check_domain", unique=True, time_limit=120)
def check_domain(account_id: int) -> None:
    """Ask the DNS about one mailbox's domain, for the health page."""
    account = Account.objects.filter(pk=account_id, is_active=True).first()
    if account is not None:
        keep_report(account)


@every(hours=12)
@task(name="channel_email.check_domains")
def check_domains() -> None:
    for mailbox in DIRECTORY.list_mailboxes():
        with write():
            check_domain.enqueue(account_id=mailbox.account.pk)
