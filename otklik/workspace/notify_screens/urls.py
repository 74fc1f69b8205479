from django.urls import path

from otklik.workspace.notify_screens import desk, own, pages

app_name = "notify_screens"
urlpatterns = [
    path("notifications/", pages.index, name="index"),
    path("notifications/latest/", pages.latest, name="latest"),
    path("notifications/reading/", pages.reading, name="reading"),
    path("notifications/seeing/", pages.seeing, name="seeing"),
    path("notifications/settings/", own.own, name="own"),
    path("settings/notifications/", desk.desk, name="desk"),
]
