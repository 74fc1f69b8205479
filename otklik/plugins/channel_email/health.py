"""How the mailboxes fare, for the health page."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.hooks.health import HealthItem, State
from otklik.core.settings import config
from otklik.core.web.announcing import find_announced
from otklik.desk.models import Account, AccountState

from . import spool
from .mailboxes import KIND

MOST = 100


def look_at_mailboxes() -> list[HealthItem]:
    """Each active mailbox: its last success, or since when and why it fails."""
    accounts = list(Account.objects.filter(kind=KIND, is_active=True).order_by("name", "id")[:MOST])
    states = {
        state.pk: state
        for state in AccountState.objects.filter(pk__in=[account.pk for account in accounts])
    }
    return [_mailbox(account, states.get(account.pk)) for account in accounts]


def look_at_mailbox(account: Account) -> HealthItem:
    """The same for one mailbox, for its own page."""
    return _mailbox(account, AccountState.objects.filter(pk=account.pk).first())


def look_at_mail_port() -> HealthItem:
    where = find_announced("mail")
    if where is None:
        return HealthItem(
            State.WARNING,
            _("No mail is taken in on the mail port"),
            advice=_("Start the mail services: otklik up, or otklik mail."),
        )
    return HealthItem(State.OK, _("Mail is taken in"), detail=where)


def look_at_spool() -> HealthItem:
    """Letters the pipe kept; while the desk runs they are taken in within seconds."""
    waiting = len(spool.list_kept(str(config().home)))
    if not waiting:
        return HealthItem(State.OK, _("No letter waits in the spool"))
    detail = ngettext(
        "%(count)d letter waits to be taken in.", "%(count)d letters wait to be taken in.", waiting
    ) % {"count": waiting}
    return HealthItem(
        State.WARNING,
        _("Letters wait in the spool"),
        detail=detail,
        advice=_("They are safe. If their number does not fall, the log says why."),
    )


def _mailbox(account: Account, state: AccountState | None) -> HealthItem:
    title = account.address or account.name
    link = reverse("channel_email:mailbox", args=[account.pk])
    if state is not None and state.failing_since is not None:
        detail = _("Fails since %(time)s. %(reason)s") % {
            "time": _moment(state.failing_since),
            "reason": _(state.error) if state.error else "",
        }
        advice = _("Test the connection in the settings of the mailbox. No letter is lost.")
        return HealthItem(State.FAILED, title, detail=detail, advice=advice, link=link)
    if state is None or state.last_received_at is None:
        return HealthItem(State.OK, title, detail=_("Nothing has come yet"), link=link)
    detail = _("Last letter %(time)s") % {"time": _moment(state.last_received_at)}
    return HealthItem(State.OK, title, detail=detail, link=link)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
