from django.urls import path

from otklik.core.web import language, probes

urlpatterns = [
    path("healthz", probes.alive, name="healthz"),
    path("readyz", probes.ready, name="readyz"),
    path("metrics", probes.figures, name="metrics"),
    path("language/", language.choose, name="language"),
]
