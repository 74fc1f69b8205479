"""Signing out takes away the browser one signs out of: nobody else there is told one's news."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from otklik.core.access import SYSTEM
from otklik.notify.actions import remove_device
from otklik.notify.models import Device

# The session's own mark of the browser that was added in it.
SESSION_DEVICE = "notify_device"


def wire() -> None:
    user_logged_out.connect(_forget_browser, dispatch_uid="notify.signed_out")


def _forget_browser(request: HttpRequest, **_more: Any) -> None:
    device_id = request.session.get(SESSION_DEVICE) if hasattr(request, "session") else None
    device = Device.objects.filter(pk=device_id).first() if isinstance(device_id, int) else None
    if device is not None:
        remove_device(SYSTEM, device, reason="signed_out")
