"""`/api/v1/`. Built when the addresses are, after every room has registered its routes."""

from __future__ import annotations

from django.urls import path, re_path

from otklik.core.rest import docs
from otklik.core.rest.api import build_api
from otklik.core.rest.views import no_such_address

api = build_api()

urlpatterns = [
    path("api/v1/openapi.json", docs.openapi, name="openapi"),
    path("api/v1/docs", docs.docs, name="api_docs"),
    path("api/v1/", api.urls),
    re_path(r"^api/", no_such_address),
]
