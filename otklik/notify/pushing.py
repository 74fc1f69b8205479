"""Web push: what waits is gathered for each person, then the outbox carries it to each device.

A delivery holds ids. What is said is read when it is sent: what was read meanwhile says nothing,
and what came meanwhile is told along. Without the person's leave it names no person and no subject.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core import outbox
from otklik.core.access import SYSTEM, Actor
from otklik.core.db import write
from otklik.core.outbox.carriers import RecipientResult
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.removing import remove_old
from otklik.core.settings import config, secrets
from otklik.desk.company import company_language
from otklik.kit import web_push
from otklik.kit.outbound import Answer, fetch
from otklik.kit.targets import ForbiddenTargetError, OutboundError
from otklik.notify.hearers import actor_of_person, own_person
from otklik.notify.models import Device, Notification, Pace, VapidKey
from otklik.notify.queries import count_unread, group_notices, show_notices
from otklik.notify.things import visible_to

KIND = "push"
CONCURRENCY = 4
# An older push tells nobody anything: the service forgets it then, and so do we.
LIVES = timedelta(hours=12)
KEPT = timedelta(days=3)  # for who looks why one did not come
_SECONDS = 10.0
# More things than these are told by one push that counts them.
_APART = 3
_AT_ONCE = 500
_TOLD = 50
_SIGNED_FOR = 12 * 3600
# Apple ends a subscription after three pushes that show nothing; there the next one tidies up.
_MUST_SHOW = "push.apple.com"


def send_due(now: datetime | None = None) -> int:
    """Hand what waits to the outbox. Returns how many deliveries were made."""
    now = now or timezone.now()
    due = Notification.objects.filter(push_at__lte=now).order_by("person_id", "pk")
    made = 0
    while rows := list(due[:_AT_ONCE]):
        for person_id, own in groupby(rows, key=lambda row: row.person_id):
            made += _send_to(person_id, list(own))
    return made


def forget_old() -> int:
    """Deliveries of pushes that nobody will ask about any more. Returns how many."""
    return remove_old(KIND, before=timezone.now() - KEPT)


def take_back(person_id: int, pushed: Mapping[str, int]) -> None:
    """What was read elsewhere disappears from devices; in the caller's transaction. ``pushed``:
    thing → one notification of it, which makes the key."""
    for device in Device.objects.filter(person_id=person_id):
        if not device.host.endswith(_MUST_SHOW):
            _enqueue(device, f"gone:{max(pushed.values())}", gone=sorted(pushed)[:_TOLD])


def _send_to(person_id: int, rows: Sequence[Notification]) -> int:
    actor = actor_of_person(person_id)
    ids = [row.pk for row in rows]
    seen = set(
        Notification.objects.filter(visible_to(actor), pk__in=ids).values_list("pk", flat=True)
        if actor.is_staff
        else ()
    )
    newest = {row.thing: row.pk for row in rows if row.pk in seen}
    made = 0
    with write():
        # Whoever reads it at this moment has taken the time away: then it is not sent.
        waiting = Notification.objects.filter(pk__in=ids, push_at__isnull=False)
        still = set(waiting.values_list("pk", flat=True))
        waiting.update(push_at=None, is_pushed=True)
        told = {thing: pk for thing, pk in newest.items() if pk in still}
        for device in Device.objects.filter(person_id=person_id) if told else ():
            made += _enqueue_all(device, told)
    return made


def _enqueue_all(device: Device, told: Mapping[str, int]) -> int:
    if len(told) > _APART:
        _enqueue(device, str(max(told.values())), things=[])
        return 1
    for thing, pk in told.items():
        _enqueue(device, str(pk), things=[thing])
    return len(told)


def _enqueue(device: Device, key: str, **payload: Any) -> None:
    outbox.enqueue(
        kind=KIND,
        key=f"push:{device.pk}:{key}",
        subject_id=device.pk,
        payload={"person": device.person_id, **payload},
    )


class PushCarrier:
    """Encrypts for one browser and hands it to that browser's service.

    The outbox's window is not entered: a push that is sent twice replaces itself on the device.
    """

    def carry(self, delivery: Delivery) -> Sequence[RecipientResult]:
        device = Device.objects.filter(pk=delivery.subject_id or 0).first()
        person_id = delivery.payload["person"]
        is_late = timezone.now() - delivery.created_at > LIVES
        if device is None or device.person_id != person_id or is_late:
            return ()
        said = compose(person_id, delivery.payload)
        if said is None:
            return ()
        answer = _post(device, said)
        if answer.status in (404, 410):
            _forget(device)
        elif answer.status == 429 or answer.status >= 500:
            raise outbox.TemporaryFailure(
                _("The push service answered %(status)s.") % {"status": answer.status},
                _retry_after(answer),
            )
        elif answer.status >= 300:
            raise outbox.PermanentFailure(
                _("The push service refused it with %(status)s.") % {"status": answer.status}
            )
        else:
            with write():
                Device.objects.filter(pk=device.pk).update(reached_at=timezone.now())
        return ()


def compose(person_id: int, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the browser gets, in its person's language; None when there is nothing left to say."""
    actor = actor_of_person(person_id)
    if not actor.is_staff:
        return None
    with translation.override(actor.language or company_language()):
        if "test" in payload:
            return _test()
        if "gone" in payload:
            return {"gone": payload["gone"], "unread": count_unread(actor)}
        return _told(actor, payload["things"])


def _told(actor: Actor, things: Sequence[str]) -> dict[str, Any] | None:
    unread = Notification.objects.filter(
        visible_to(actor), person_id=own_person(actor), read_at__isnull=True, is_pushed=True
    )
    if things:
        kind, _colon, ident = things[0].partition(":")
        unread = unread.filter(Q(thing_kind=kind, thing_id=int(ident)))
    rows = list(unread.order_by("-pk")[:_TOLD])
    groups = group_notices(show_notices(actor, rows))
    if not groups:
        return None
    count = sum(len(group.notices) for group in groups)
    said: dict[str, Any] = {"unread": count_unread(actor)}
    if len(groups) > 1:
        words = ngettext("%(count)s new notification", "%(count)s new notifications", count)
        return said | {
            "title": words % {"count": count},
            "body": ", ".join(group.shown.name for group in groups[:5]),
            "tag": "all",
            "url": "/notifications/",
        }
    newest, shown = groups[0].newest, groups[0].shown
    title, body = shown.name, newest.line
    if Pace.objects.filter(person_id=own_person(actor), push_shows_text=True).exists():
        title = f"{shown.name} {shown.title}"
        body = f"{newest.who}: {newest.line}" if newest.who else newest.line
        body = "\n".join(filter(None, (body, newest.shown.excerpt)))
    if count > 1:
        more = ngettext("and %(count)s more", "and %(count)s more", count - 1)
        body = f"{body}\n{more % {'count': count - 1}}"
    return said | {
        "title": title[:120],
        "body": body[:400],
        "tag": groups[0].thing,
        "url": shown.url,
    }


def _test() -> dict[str, Any]:
    return {
        "title": _("Notifications work"),
        "body": _("This device shows them even while the desk is closed."),
        "tag": "test",
        "url": "/notifications/settings/",
    }


def _post(device: Device, said: Mapping[str, Any]) -> Answer:
    try:
        receiver = web_push.Receiver(**json.loads(secrets.unseal(device.sealed)))
        private = secrets.unseal(VapidKey.objects.get().sealed)
        sent = web_push.encrypt(json.dumps(said, ensure_ascii=False).encode(), receiver)
        signed = web_push.authorization(
            receiver.endpoint,
            private,
            subject=_subject(),
            expires=int(time.time()) + _SIGNED_FOR,
        )
    except (secrets.SecretError, VapidKey.DoesNotExist, ValueError) as error:
        raise outbox.PermanentFailure(
            _("The keys of this device cannot be read: add it again.")
        ) from error
    headers = {
        "TTL": str(int(LIVES.total_seconds())),
        "Urgency": "low" if "gone" in said else "high",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Authorization": signed,
    }
    try:
        return fetch(
            "POST",
            receiver.endpoint,
            headers=headers,
            content=sent,
            seconds=_SECONDS,
            max_bytes=20_000,
            allowed=config().private_targets,
            follow_redirects=False,
        )
    except ForbiddenTargetError as error:
        raise outbox.PermanentFailure(
            _("The push service of this device is at an address that may not be reached.")
        ) from error
    except OutboundError as error:
        raise outbox.TemporaryFailure(_("The push service does not answer.")) from error


def _subject() -> str:
    """Whom the service may write to: an https address of ours, or a mailbox that is nobody's."""
    url = config().public_url
    return url if url.startswith("https://") else "mailto:postmaster@otklik.invalid"


def _retry_after(answer: Answer) -> timedelta | None:
    asked = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(asked), 3600)) if asked.isdecimal() and asked else None


def _forget(device: Device) -> None:
    from otklik.notify.actions.devices import remove_device

    remove_device(SYSTEM, device, reason="gone")
