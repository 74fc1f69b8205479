"""Browsers that take web push, and the service worker that shows what they get."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from otklik.core.access import ActionError
from otklik.kit.web_push import Receiver
from otklik.notify.actions import (
    add_device,
    ensure_key,
    remove_device,
    rename_device,
    test_devices,
)
from otklik.notify.handlers import SESSION_DEVICE
from otklik.notify.models import Device
from otklik.ui.assets import UnknownAsset, asset_text
from otklik.workspace.settings_screens.doors import done
from otklik.workspace.web.staff import actor_of, staff_view


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, so that it may serve the whole desk; asked for anew each time."""
    del request
    try:
        script = asset_text("worker.js")
    except UnknownAsset:
        raise Http404 from None
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@staff_view("POST")
def key(request: HttpRequest) -> JsonResponse:
    """The desk's public key, by which a browser subscribes."""
    del request
    return JsonResponse({"key": ensure_key()})


@staff_view("POST")
def add(request: HttpRequest) -> HttpResponseBase:
    """Sent by script: what ``PushSubscription`` says. Answers 204, or 422 with why not."""
    sent = request.POST
    receiver = Receiver(*(sent.get(name, "")[:2001] for name in ("endpoint", "p256dh", "auth")))
    try:
        device = add_device(actor_of(request), receiver, name=sent.get("name", "")[:120])
    except ActionError as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain; charset=utf-8")
    request.session[SESSION_DEVICE] = device.pk
    return HttpResponse(status=204)


@staff_view("POST")
def name(request: HttpRequest, device_id: int) -> HttpResponseBase:
    rename_device(actor_of(request), _own(request, device_id), name=request.POST.get("name", ""))
    return done(request, reverse("notify_screens:own"), _("Saved"))


@staff_view("POST")
def remove(request: HttpRequest, device_id: int) -> HttpResponseBase:
    device = _own(request, device_id)
    remove_device(actor_of(request), device)
    words = _("%(name)s gets no notifications any more") % {"name": device.name}
    return done(request, reverse("notify_screens:own"), words)


@staff_view("POST")
def test(request: HttpRequest) -> HttpResponseBase:
    """A push to each device: it says that pushes work."""
    count = test_devices(actor_of(request))
    words = ngettext(
        "A test is on its way to %(count)s device",
        "A test is on its way to %(count)s devices",
        count,
    )
    told = words % {"count": count} if count else _("No device is added yet")
    return done(request, reverse("notify_screens:own"), told)


def _own(request: HttpRequest, device_id: int) -> Device:
    rows = Device.objects.filter(person_id=actor_of(request).person_id or 0)
    return get_object_or_404(rows, pk=device_id)
