from otklik.notify.models.device import Device, VapidKey
from otklik.notify.models.notification import Notification
from otklik.notify.models.preference import Pace, Preference

__all__ = ["Device", "Notification", "Pace", "Preference", "VapidKey"]
