from django.urls import path

from otklik.workspace.notify_screens import pages

app_name = "notify_screens"
urlpatterns = [
    path("notifications/", pages.index, name="index"),
    path("notifications/latest/", pages.latest, name="latest"),
    path("notifications/reading/", pages.reading, name="reading"),
    path("notifications/seeing/", pages.seeing, name="seeing"),
]
