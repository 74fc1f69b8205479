"""Where talk becomes a loop. Generous to people, short with machines.

A machine need not say that it is one: another help desk may answer each of our acknowledgements
from a plain address, with a new subject and Message-ID every time. So what we send by ourselves is
counted per ticket, per pair of our mailbox and their postbox, and in all.
"""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import timedelta

from django.utils import timezone

from otklik.channels.contract import Automation
from otklik.channels.models import AutomaticAnswer
from otklik.core.db import write
from otklik.core.jobs import every, task
from otklik.kit.addresses import split_plus
from otklik.kit.ratelimit import Bucket, Rate, take
from otklik.tickets.models import Message, Ticket

MAX_ANSWERS_PER_DAY = 5  # automatic answers and reports in one ticket
MAX_NOTIFICATIONS_PER_DAY = 100  # what machines write by themselves; help desks answer so too
# (within, letters): a person who writes often gets some, a machine stops hearing from us.
PER_PAIR = ((timedelta(hours=1), 5), (timedelta(days=1), 10))
# To everybody: forged senders cannot make us write to the whole world.
PER_DESK = Rate(limit=20_000, period=3600.0)
KEPT = timedelta(days=2)
_total = threading.Lock()
_bucket: Bucket | None = None


def may_append_automatic(ticket: Ticket, automation: Automation) -> bool:
    """Whether one more letter of a machine goes into this ticket today."""
    since = timezone.now() - timedelta(days=1)
    rows = Message.objects.filter(ticket=ticket, created_at__gte=since, direction="in")
    if automation in (Automation.AUTO_REPLY, Automation.BOUNCE):
        kinds = [Automation.AUTO_REPLY.value, Automation.BOUNCE.value]
        return rows.filter(automation__in=kinds).count() < MAX_ANSWERS_PER_DAY
    machines = rows.exclude(automation__in=("", "human"))
    return machines.count() < MAX_NOTIFICATIONS_PER_DAY


def may_acknowledge(ticket: Ticket) -> bool:
    """One automatic letter per ticket, few per pair of postboxes, and a bound on all of them."""
    if ticket.requester_identity is None:
        return False
    if Message.objects.filter(ticket=ticket, is_automatic=True, direction="out").exists():
        return False
    address = ticket.requester_identity.value
    return not is_talking_to_itself(ticket.account_id, address) and _is_within_total()


def is_talking_to_itself(account_id: int | None, address: str) -> bool:
    """Whether this mailbox has written to this postbox by itself too often lately."""
    now = timezone.now()
    longest = max(within for within, _most in PER_PAIR)
    most = max(count for _within, count in PER_PAIR)
    sent = AutomaticAnswer.objects.filter(
        postbox=_postbox(address), account_id=account_id, sent_at__gt=now - longest
    )
    times = list(sent.order_by("-sent_at").values_list("sent_at", flat=True)[:most])
    return any(sum(at > now - within for at in times) >= allowed for within, allowed in PER_PAIR)


def note_automatic(account_id: int | None, address: str) -> None:
    """We have just written by ourselves. In the transaction of the letter."""
    AutomaticAnswer.objects.create(account_id=account_id, postbox=_postbox(address))


@every(hours=6)
@task(name="channels.prune_answers")
def prune_answers() -> None:
    """Counts that no limit asks for any more."""
    old = AutomaticAnswer.objects.filter(sent_at__lt=timezone.now() - KEPT).order_by("sent_at")
    while ids := list(old.values_list("pk", flat=True)[:500]):
        with write():
            AutomaticAnswer.objects.filter(pk__in=ids).delete()


def _postbox(address: str) -> str:
    """Where mail arrives: olga+1@ and olga+2@ are one person's patience."""
    base = split_plus(address)[0] or address
    return hashlib.sha256(base.encode("utf-8", "replace")).hexdigest()[:16]


def _is_within_total() -> bool:
    """Counted in each process that sends: a bound, not an account."""
    global _bucket
    with _total:
        verdict = take(PER_DESK, _bucket, time.monotonic())
        _bucket = verdict.bucket
    return verdict.is_allowed
