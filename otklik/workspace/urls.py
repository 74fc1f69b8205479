from django.urls import include, path

urlpatterns = [
    path("", include("otklik.workspace.web.urls")),
    path("", include("otklik.workspace.notify_screens.urls")),
    path("", include("otklik.workspace.people_screens.urls")),
    path("", include("otklik.workspace.settings_screens.urls")),
]
