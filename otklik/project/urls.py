"""Every address. Each room lists its own; plug-ins that have `urls.py` live under their name."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

from otklik.project.plugins import list_plugins

urlpatterns = [
    path("", include("otklik.core.web.urls")),
    path("", include("otklik.core.rest.urls")),
    path("", include("otklik.people.urls")),
    path("", include("otklik.notify.urls")),
    path("", include("otklik.tickets.urls")),
    path("", include("otklik.workspace.urls")),
    path("portal/", include("otklik.portal.urls")),
    *[
        path(f"{name.rpartition('.')[2].replace('_', '-')}/", include(f"{name}.urls"))
        for name in list_plugins()
        if find_spec(f"{name}.urls")
    ],
]

handler400 = "otklik.core.web.errors.bad_request"
handler403 = "otklik.core.web.errors.forbidden"
handler404 = "otklik.core.web.errors.not_found"
handler500 = "otklik.core.web.errors.server_error"
