"""Browsers that take web push."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core import outbox
from otklik.core.access import Actor, Invalid
from otklik.core.db import action, write
from otklik.core.events.record import record
from otklik.core.settings import secrets
from otklik.kit import web_push
from otklik.kit.text import clean_line
from otklik.notify.events import DeviceAdded, DeviceRemoved
from otklik.notify.hearers import own_person
from otklik.notify.models import Device, VapidKey

MOST = 20


def ensure_key() -> str:
    """The desk's public key, made at the first asking."""
    known = VapidKey.objects.values_list("public", flat=True).first()
    if known is not None:
        return known
    public, private = web_push.new_key()
    sealed = secrets.seal(private)
    with write():
        row, _made = VapidKey.objects.get_or_create(
            pk=1, defaults={"public": public, "sealed": sealed}
        )
    return row.public


def add_device(actor: Actor, receiver: web_push.Receiver, *, name: str) -> Device:
    """A browser of one's own. The same endpoint again keeps its row, whoever had it before.
    Raises Invalid for what is no push subscription and for too many devices."""
    own_person(actor)
    try:
        web_push.check_receiver(receiver)
    except ValueError:
        raise Invalid(
            _("This browser gave no address that pushes can be sent to."),
            fields={"endpoint": _("This is no possible value.")},
        ) from None
    told = {"endpoint": receiver.endpoint, "p256dh": receiver.p256dh, "auth": receiver.auth}
    return _keep(actor, clean_line(name)[:120] or _("Browser"), told)


@action
def _keep(actor: Actor, name: str, told: dict[str, str]) -> Device:
    person_id = own_person(actor)
    own = Device.objects.filter(person_id=person_id)
    mark = hash_endpoint(told["endpoint"])
    if own.exclude(endpoint_hash=mark).count() >= MOST:
        raise Invalid(
            _("There are %(count)s devices already. Remove one that is not used any more.")
            % {"count": MOST}
        )
    device, _made = Device.objects.update_or_create(
        endpoint_hash=mark,
        defaults={
            "person_id": person_id,
            "name": name,
            "host": (urlsplit(told["endpoint"]).hostname or "")[:253],
            "sealed": secrets.seal(json.dumps(told)),
            "created_at": timezone.now(),
        },
    )
    record(actor, DeviceAdded(person_id=device.person_id, device_id=device.pk))
    return device


@action
def rename_device(actor: Actor, device: Device, *, name: str) -> Device:
    """Raises Invalid for no name at all."""
    wanted = clean_line(name)[:120]
    if not wanted:
        raise Invalid(_("This is needed."), fields={"name": _("This is needed.")})
    device.name = wanted
    device.save(update_fields=["name"])
    return device


@action
def remove_device(actor: Actor, device: Device, *, reason: str = "asked") -> None:
    gone, _rows = Device.objects.filter(pk=device.pk).delete()
    if gone:
        record(actor, DeviceRemoved(person_id=device.person_id, device_id=device.pk, reason=reason))


@action
def test_devices(actor: Actor) -> int:
    """A push that says that pushes work, to each device. Returns how many are on their way."""
    devices = list(Device.objects.filter(person_id=actor.person_id or 0))
    stamp = int(timezone.now().timestamp())
    for device in devices:
        outbox.enqueue(
            kind="push",
            key=f"push:{device.pk}:test:{stamp}",
            subject_id=device.pk,
            payload={"person": device.person_id, "test": True},
        )
    return len(devices)


def hash_endpoint(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
