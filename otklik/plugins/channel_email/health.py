"""How the mailboxes fare, for the health page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max
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
from .domain_check import read_report
from .domain_words import tell
from .mailboxes import KIND
from .models import DomainReport, RoundTripLetter

MOST = 100


def look_at_mailboxes() -> list[HealthItem]:
    """Each active mailbox: its last success, or since when and why it fails."""
    accounts = Account.objects.filter(kind=KIND, is_active=True).order_by("name", "id")
    return [item for _account, item in look_at_each(accounts[:MOST])]


def look_at_each(accounts: Iterable[Account]) -> list[tuple[Account, HealthItem]]:
    """The same for these, each beside its account; two queries."""
    rows = list(accounts)
    states = AccountState.objects.in_bulk([account.pk for account in rows])
    return [(account, _mailbox(account, states.get(account.pk))) for account in rows]


def look_at_mailbox(account: Account) -> HealthItem:
    """The same for one mailbox, for its own page."""
    return _mailbox(account, AccountState.objects.filter(pk=account.pk).first())


def look_at_domains() -> list[HealthItem]:
    """What the DNS said of each mailbox's domain when it was asked last."""
    accounts = Account.objects.filter(kind=KIND, is_active=True)
    reports = DomainReport.objects.filter(account__in=accounts).select_related("account")
    return [_domain(report) for report in reports.order_by("account__name")[:MOST]]


def look_at_round_trips() -> list[HealthItem]:
    """The latest letter to ourselves of each mailbox that sends them."""
    accounts = Account.objects.filter(kind=KIND, is_active=True)
    rows = (
        RoundTripLetter.objects.filter(account__in=accounts)
        .values("account")
        .annotate(newest=Max("pk"))
        .values_list("newest", flat=True)
    )
    letters = RoundTripLetter.objects.filter(pk__in=list(rows[:MOST])).select_related("account")
    return [round_trip_item(letter) for letter in letters.order_by("account__name")]


def round_trip_item(letter: RoundTripLetter) -> HealthItem:
    account = letter.account
    title = _("Round trip of %(address)s") % {"address": account.address or account.name}
    link = reverse("channel_email:mailbox", args=[account.pk])
    at = {"time": _moment(letter.sent_at)}
    if letter.arrived_at is not None:
        seconds = max(0, round((letter.arrived_at - letter.sent_at).total_seconds()))
        detail = ngettext(
            "The letter of %(time)s came back after %(count)d second.",
            "The letter of %(time)s came back after %(count)d seconds.",
            seconds,
        ) % {**at, "count": seconds}
        is_late = letter.arrived_at > letter.awaited_until
        return HealthItem(State.WARNING if is_late else State.OK, title, detail=detail, link=link)
    if letter.failure:
        detail = _("The letter of %(time)s could not be sent: %(reason)s") % {
            **at,
            "reason": _(letter.failure),
        }
        advice = _("Test the connection in the settings of the mailbox.")
        return HealthItem(State.FAILED, title, detail=detail, advice=advice, link=link)
    if timezone.now() <= letter.awaited_until:
        detail = _("The letter of %(time)s is under way.") % at
        return HealthItem(State.OK, title, detail=detail, link=link)
    detail = _("The letter of %(time)s went out and has not come back.") % at
    advice = _("Look into the spam folder of the mailbox, and at its forwarding and filters.")
    return HealthItem(State.FAILED, title, detail=detail, advice=advice, link=link)


def _domain(report: DomainReport) -> HealthItem:
    account = report.account
    checks = tell(read_report(report))
    bad = [check for check in checks if check.state in ("failed", "warning")]
    states = {check.state for check in bad}
    state = State.WARNING if states else State.OK
    detail = " ".join(check.detail for check in bad) or _("MX, SPF, DKIM and DMARC are in order.")
    return HealthItem(
        state,
        _("Domain of %(address)s") % {"address": account.address or account.name},
        detail=detail,
        advice=" ".join(step for check in bad for step in check.advice),
        link=reverse("channel_email:mailbox", args=[account.pk]),
    )


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
