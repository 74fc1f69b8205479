"""A letter to ourselves: out through the real server, back into the real mailbox, never a ticket.

Its mark is random and signed, so that nobody has a letter of theirs disappear by writing one.
"""

from __future__ import annotations

import re
import secrets as random
from datetime import timedelta

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from otklik.channels.contract import Address, OutboundMessage
from otklik.core.db import write
from otklik.core.outbox import PermanentFailure, TemporaryFailure, UncertainOutcome
from otklik.core.settings import secrets
from otklik.desk.models import Account

from . import smtp
from .account_settings import settings_of, smtp_server_of
from .composing import compose
from .desk_mark import desk_mark
from .models import RoundTripLetter

logger = structlog.get_logger(__name__)

HEADER = b"X-Otklik-Round-Trip"
AWAITED = timedelta(minutes=15)
KEPT = 50  # letters remembered per mailbox
EVERY = {"daily": timedelta(days=1), "hourly": timedelta(hours=1)}
_PURPOSE = "email round trip"
_LOOK_AT = 128 * 1024
_FIELD = re.compile(
    rb"(?im)^" + HEADER + rb":[ \t]*([A-Za-z0-9_-]{20,60}) ([A-Za-z0-9._=-]{10,200})"
)
_DKIM = re.compile(rb"(?im)^dkim-signature[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)")


def send_round_trip(account: Account) -> RoundTripLetter:
    """Send one now, blocking; what fails stands in ``failure``. Outside of transactions."""
    mark = random.token_urlsafe(24)
    now = timezone.now()
    with write():
        row = RoundTripLetter.objects.create(
            account=account, mark=mark, sent_at=now, awaited_until=now + AWAITED
        )
        old = RoundTripLetter.objects.filter(account=account).order_by("-id")[KEPT:]
        RoundTripLetter.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    failure = _hand_over(account, mark)
    if failure:
        row.failure = failure[:500]
        with write():
            RoundTripLetter.objects.filter(pk=row.pk).update(failure=row.failure)
        logger.warning("round_trip_not_sent", account=account.pk)
    return row


def take_round_trip(raw: bytes) -> bool:
    """Whether this is a letter of ours to ourselves; then its arrival is noted."""
    head = raw[:_LOOK_AT].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    found = _FIELD.search(head) if HEADER.lower() in head.lower() else None
    if found is None:
        return False
    mark = found[1].decode("ascii")
    if not secrets.verify(_PURPOSE, mark, found[2].decode("ascii")):
        return False
    domain, selector = _signature_of(head)
    with write():
        RoundTripLetter.objects.filter(mark=mark, arrived_at=None).update(
            arrived_at=timezone.now(), dkim_domain=domain, dkim_selector=selector
        )
    logger.info("round_trip_arrived")
    return True


def find_latest(account_id: int) -> RoundTripLetter | None:
    return RoundTripLetter.objects.filter(account_id=account_id).order_by("-id").first()


def is_due(account: Account) -> bool:
    """Whether its settings want another letter now."""
    every = EVERY.get(settings_of(account).round_trip)
    if every is None:
        return False
    latest = find_latest(account.pk)
    return latest is None or timezone.now() - latest.sent_at >= every


def _hand_over(account: Account, mark: str) -> str:
    server = smtp_server_of(account)
    if server is None:
        return gettext_noop("No outgoing mail server is set for this mailbox.")
    from .channel import message_id_host

    host = message_id_host(account)
    with override(account.language or account.brand.language):
        message = OutboundMessage(
            external_id=f"round.{mark}@{host}",
            sender=Address(account.address, account.brand.name),
            to=(Address(account.address),),
            subject=_("Otklik tests this mailbox"),
            text=_("This letter went out of the mailbox and came back. Nothing is to be done."),
            is_automatic=True,
        )
    composed = compose(
        message, at=timezone.now(), desk_id=desk_mark(), reply_to=None, read_file=lambda file: b""
    )
    signature = secrets.sign(_PURPOSE, mark)
    raw = HEADER + f": {mark} {signature}\r\n".encode("ascii") + composed
    try:
        outcomes = smtp.transmit(
            server, account.address, [account.address], raw, entering=lambda: None, helo=host
        )
    except (TemporaryFailure, PermanentFailure, UncertainOutcome) as problem:
        return str(problem)
    refused = [one.detail for one in outcomes if not one.is_accepted]
    return refused[0] if refused else ""


def _signature_of(head: bytes) -> tuple[str, str]:
    """(d=, s=) of the first signature, for the look at our own keys."""
    found = _DKIM.search(head)
    if found is None:
        return "", ""
    tags = dict(
        re.findall(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)", found[1].decode("ascii", "replace"))
    )
    clean = {name: "".join(value.split()).lower() for name, value in tags.items()}
    return clean.get("d", "")[:253], clean.get("s", "")[:100]
