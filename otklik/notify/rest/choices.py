"""What one wants to be told of, on which devices, and what the desk says for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.shapes import Strict, actor_of, demand, get_row, given
from otklik.kit.web_push import Receiver
from otklik.notify.actions import (
    Hours,
    add_device,
    choose_hours,
    choose_topics,
    ensure_key,
    remove_device,
    rename_device,
    set_defaults,
    test_devices,
)
from otklik.notify.hearers import own_person
from otklik.notify.models import Device, Pace, Preference
from otklik.notify.topics import Mail, Topic, Ways, find_topic, list_topics, ways_from
from otklik.notify.wanting import read_table

router = Router(tags=["notifications"])

Minute = Annotated[int, Field(ge=0, lt=1440, description="Minute of the day, 0 is midnight")]


class WaysOut(Schema):
    screen: bool
    sound: bool
    push: bool
    mail: Mail
    in_quiet_hours: bool = Field(description="Does not wait until quiet hours end")


class TopicOut(WaysOut):
    code: str
    label: str
    is_own: bool = Field(description="Chosen by oneself; else as the desk says")


class WaysIn(Strict):
    """What is left out stays as it is."""

    screen: bool | None = None
    sound: bool | None = None
    push: bool | None = None
    mail: Mail | None = None
    in_quiet_hours: bool | None = None


class HoursShape(Strict):
    quiet_from: Minute | None = None
    quiet_until: Minute | None = None
    quiet_days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        default_factory=list, description="0 is Monday"
    )
    digest: str = Field("daily", description="hourly, daily, times", max_length=8)
    digest_times: Annotated[list[Minute], Field(max_length=6)] = Field(
        default_factory=lambda: [540]
    )
    push_shows_text: bool = False


class DeviceOut(Schema):
    id: int
    name: str
    host: str = Field(description="Of its push service")
    created_at: datetime
    reached_at: datetime | None


class DeviceIn(Strict):
    """What ``PushSubscription`` of a browser says."""

    endpoint: Annotated[str, Field(max_length=2000)]
    p256dh: Annotated[str, Field(max_length=200)]
    auth: Annotated[str, Field(max_length=100)]
    name: Annotated[str, Field(max_length=120)] = ""


class DeviceName(Strict):
    name: Annotated[str, Field(min_length=1, max_length=120)]


class KeyOut(Schema):
    key: str = Field(description="applicationServerKey, base64url")


class TestOut(Schema):
    devices: int = Field(description="To how many a push is on its way")


@router.get("/me/notifications/topics", response=list[TopicOut], summary="What I want to hear of")
def topics(request: HttpRequest) -> list[dict[str, Any]]:
    person_id = own_person(actor_of(request))
    rows = Preference.objects.filter(person_id=person_id)
    own = {row.topic: row.ways for row in rows}
    return [_show(topic, own.get(topic.code)) for topic in list_topics()]


@router.patch("/me/notifications/topics/{code}", response=TopicOut, summary="Choose for a topic")
def choose(request: HttpRequest, code: str, data: WaysIn) -> dict[str, Any]:
    actor = actor_of(request)
    person_id, topic = own_person(actor), _topic(code)
    present = Preference.objects.filter(person_id=person_id, topic=code).first()
    base = present.ways if present else read_table().default(code)
    ways = ways_from(given(data), base)
    choose_topics(actor, {code: ways})
    return _show(topic, ways)


@router.delete(
    "/me/notifications/topics/{code}", response={204: None}, summary="Follow the desk again"
)
def unchoose(request: HttpRequest, code: str) -> Status[None]:
    _topic(code)
    choose_topics(actor_of(request), {code: None})
    return Status(204, None)


@router.get("/me/notifications/hours", response=HoursShape, summary="Quiet hours and digests")
def hours(request: HttpRequest) -> dict[str, Any]:
    return _show_pace(own_person(actor_of(request)))


@router.put("/me/notifications/hours", response=HoursShape, summary="Choose them")
def put_hours(request: HttpRequest, data: HoursShape) -> dict[str, Any]:
    actor = actor_of(request)
    choose_hours(actor, Hours(**data.dict()))
    return _show_pace(own_person(actor))


@router.get("/me/notifications/devices", response=list[DeviceOut], summary="My devices")
def devices(request: HttpRequest) -> Any:
    return Device.objects.filter(person_id=own_person(actor_of(request)))


@router.post("/me/notifications/devices", response={201: DeviceOut}, summary="Add a device")
def post_device(request: HttpRequest, data: DeviceIn) -> Status[Device]:
    """The same endpoint again keeps its device."""
    receiver = Receiver(data.endpoint, data.p256dh, data.auth)
    return Status(201, add_device(actor_of(request), receiver, name=data.name))


@router.patch("/me/notifications/devices/{int:pk}", response=DeviceOut, summary="Name a device")
def name_device(request: HttpRequest, pk: int, data: DeviceName) -> Device:
    return rename_device(actor_of(request), _device(request, pk), name=data.name)


@router.delete(
    "/me/notifications/devices/{int:pk}", response={204: None}, summary="Remove a device"
)
def drop_device(request: HttpRequest, pk: int) -> Status[None]:
    remove_device(actor_of(request), _device(request, pk))
    return Status(204, None)


@router.post("/me/notifications/push-key", response=KeyOut, summary="The desk's key for push")
def push_key(request: HttpRequest) -> dict[str, str]:
    """Made at the first asking, the same ever after."""
    own_person(actor_of(request))
    return {"key": ensure_key()}


@router.post("/me/notifications/test", response=TestOut, summary="Send a push to each device")
def test(request: HttpRequest) -> dict[str, int]:
    actor = actor_of(request)
    own_person(actor)
    return {"devices": test_devices(actor)}


@router.get("/notifications/defaults", response=list[TopicOut], summary="What the desk says")
def defaults(request: HttpRequest) -> list[dict[str, Any]]:
    demand(request, "settings.change")
    return [_show(topic) for topic in list_topics()]


@router.patch("/notifications/defaults/{code}", response=TopicOut, summary="Change what it says")
def change_default(request: HttpRequest, code: str, data: WaysIn) -> dict[str, Any]:
    demand(request, "settings.change")
    topic = _topic(code)
    ways = ways_from(given(data), read_table().default(code))
    set_defaults(actor_of(request), {code: ways})
    return _show(topic)


def _topic(code: str) -> Topic:
    found = find_topic(code)
    if found is None:
        raise Missing(_("There is no such topic."))
    return found


def _device(request: HttpRequest, pk: int) -> Device:
    return get_row(Device.objects.filter(person_id=own_person(actor_of(request))), pk)


def _show(topic: Topic, own: Ways | None = None) -> dict[str, Any]:
    """One's own choice, else what the desk says."""
    ways = own or read_table().default(topic.code)
    return {
        **ways.as_json(),
        "code": topic.code,
        "label": str(topic.label),
        "is_own": own is not None,
    }


def _show_pace(person_id: int) -> dict[str, Any]:
    pace = Pace.objects.filter(person_id=person_id).first() or Pace(digest_times=[9 * 60])
    return {
        "quiet_from": pace.quiet_from,
        "quiet_until": pace.quiet_until,
        "quiet_days": pace.quiet_days,
        "digest": pace.digest,
        "digest_times": pace.digest_times,
        "push_shows_text": pace.push_shows_text,
    }
