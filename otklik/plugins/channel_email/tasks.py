"""Work that is started by hand or by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from otklik.core.db import write
from otklik.core.files import release
from otklik.core.jobs import GiveUp, every, task
from otklik.desk.models import Account

from .imap import password_of, take_older
from .imap_session import ImapSession
from .mailboxes import DIRECTORY
from .models import TrayLetter

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
    with ImapSession(mailbox.settings, password_of(mailbox.account)) as session:
        take_older(mailbox, session, since, min(limit, MAX_IMPORT))


@every(hours=6)
@task(name="channel_email.prune_tray")
def prune_tray() -> None:
    """The outgoing tray keeps its newest letters."""
    for letter in TrayLetter.objects.select_related("raw").order_by("-id")[TRAY_KEEPS:][:500]:
        with write():
            letter.delete()
            release(letter.raw)
