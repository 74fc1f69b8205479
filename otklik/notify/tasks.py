"""What notify does by the clock; each is safe to run twice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from otklik.core.db import write
from otklik.core.jobs import every, task
from otklik.core.settings import get
from otklik.notify import letters, pushing
from otklik.notify.models import Notification
from otklik.notify.settings import KEEP_DAYS

_STEP = 200
_MOST = 20_000  # the next run goes on


@every(minutes=1)
@task(name="notify.push_due", unique=True)
def push_due() -> None:
    """Soon after something came; each minute for what waited until quiet hours were over."""
    pushing.send_due()


@every(minutes=1)
@task(name="notify.mail_due")
def mail_due() -> None:
    """What is still unread when its letter is due."""
    letters.send_due()


@every(hours=6)
@task(name="notify.prune")
def prune() -> None:
    """Forget what is older than administrators want it kept, oldest first, in small steps."""
    before = timezone.now() - timedelta(days=get(KEEP_DAYS))
    gone = 0
    while gone < _MOST:
        oldest = Notification.objects.order_by("pk").values_list("pk", "created_at")[:_STEP]
        ids = [pk for pk, created_at in oldest if created_at < before]
        if ids:
            with write():
                gone += Notification.objects.filter(pk__in=ids)._raw_delete("default")
        if len(ids) < _STEP:
            break
    pushing.forget_old()
    letters.forget_old(before)
