"""What is kept of a person here, for their export, and what goes when they are erased."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.db import write
from otklik.notify.models import Device, Notification, Pace, Preference
from otklik.people.erasing import Told, register_eraser
from otklik.people.exporting import Pack, register_export
from otklik.people.models import Person
from otklik.people.traces import Traces

_STEP = 200


def wire() -> None:
    register_export("notifications", write_notifications, order=120)
    register_eraser("notifications", erase, tell=tell)


def write_notifications(person: Person, pack: Pack) -> None:
    rows = Notification.objects.filter(person=person).order_by("id")
    columns = ("topic", "thing_kind", "thing_id", "created_at", "seen_at", "read_at")
    pack.table("notifications", _("What they were told of"), rows.values(*columns))
    pack.table(
        "notification_choices",
        _("What they chose to be told of"),
        Preference.objects.filter(person=person)
        .order_by("topic")
        .values("topic", "screen", "sound", "push", "mail", "in_quiet_hours"),
    )
    pack.table(
        "notification_hours",
        _("Their quiet hours and digests"),
        Pace.objects.filter(person=person).values(
            "quiet_from", "quiet_until", "quiet_days", "digest", "digest_times", "push_shows_text"
        ),
    )
    devices = Device.objects.filter(person=person).order_by("id")
    pack.table(
        "notification_devices",
        _("Their devices"),
        devices.values("name", "host", "created_at", "reached_at"),
    )


def tell(person: Person) -> list[Told]:
    return [
        Told(
            gettext_lazy("Notifications they were sent"),
            Notification.objects.filter(person=person).count(),
        ),
        Told(
            gettext_lazy("Devices that get notifications"),
            Device.objects.filter(person=person).count(),
        ),
    ]


def erase(traces: Traces) -> None:
    """All of it: rows hold ids alone, but say what somebody worked on and when. Where they stand
    as who did something, others read "Erased person"."""
    of_them = Notification.objects.filter(person_id=traces.person_id)
    old = of_them.filter(created_at__lt=traces.before)
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:_STEP]):
        with write():
            Notification.objects.filter(pk__in=ids).delete()
    with write():
        for model in (Device, Preference, Pace):
            model._default_manager.filter(person_id=traces.person_id).delete()
