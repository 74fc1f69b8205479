from django.urls import path

from otklik.workspace.notify_screens import desk, devices, own, pages

app_name = "notify_screens"
urlpatterns = [
    path("notifications/", pages.index, name="index"),
    path("notifications/latest/", pages.latest, name="latest"),
    path("notifications/reading/", pages.reading, name="reading"),
    path("notifications/seeing/", pages.seeing, name="seeing"),
    path("notifications/settings/", own.own, name="own"),
    path("notifications/test/", devices.test, name="test"),
    path("notifications/devices/", devices.add, name="add_device"),
    path("notifications/devices/key/", devices.key, name="device_key"),
    path("notifications/devices/<int:device_id>/", devices.name, name="name_device"),
    path("notifications/devices/<int:device_id>/removal/", devices.remove, name="remove_device"),
    path("service-worker.js", devices.service_worker, name="service_worker"),
    path("settings/notifications/", desk.desk, name="desk"),
]
