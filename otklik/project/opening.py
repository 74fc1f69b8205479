"""Before processes are forked: everything that they then share.

A page that is written after the fork is a page of one process alone, and Python writes into what
it only looks at (its count of references). So what several processes need is imported, read and
compiled here, once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from otklik.core.settings import config
from otklik.project.start import few_arenas, importing, set_up

# What libraries import when they first need it.
_LATE = (
    "argon2",
    "django.conf.locale.en.formats",
    "django.conf.locale.ru.formats",
    "django.contrib.sessions.serializers",
    "django.contrib.staticfiles.storage",
    "django.core.cache.backends.locmem",
    "django.template.loaders.app_directories",
    "django_htmx.templatetags.django_htmx",
    "encodings.punycode",
    "otklik.core.jobs.nodes",
    "otklik.people.backends",
    "otklik.people.sitting",
    "otklik.project.asgi",
    "otklik.project.parts",
    "otklik.ui.folding",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What the operator is told once the desk answers."""

    accounts: Sequence[tuple[str, str, str]]  # label, e-mail, password: of a demo just loaded
    setup_link: str | None
    has_demo: bool


def open_desk() -> Opening:
    """Import and prepare. Raises ConfigError, Stop."""
    _clear_metrics()
    _import_all()
    from otklik.core.hooks.program import find_demo, find_setup_link
    from otklik.core.web.announcing import forget_announced
    from otklik.project.preparing import prepare

    forget_announced()
    accounts = prepare()
    setup_link = find_setup_link()
    has_demo = (demo := find_demo()) is not None and demo.is_loaded()
    _close_connections()
    return Opening(accounts, setup_link, has_demo)


def open_again() -> None:
    """Import for a process that has died while others run: they have prepared everything."""
    _import_all()
    _close_connections()


def _import_all() -> None:
    few_arenas()
    set_up()
    with importing():
        from importlib import import_module

        from django.core.handlers.wsgi import WSGIHandler
        from django.urls import get_resolver

        from otklik.core.hooks.program import list_early
        from otklik.core.web import server, shell  # noqa: F401  imported once, for all of them
        from otklik.project import preparing  # noqa: F401

        WSGIHandler()
        _ = get_resolver().url_patterns
        for name in (*_LATE, *list_early()):
            import_module(name)
        _read_catalogues()


def _read_catalogues() -> None:
    from django.conf import settings
    from django.utils import translation

    for code, _name in settings.LANGUAGES:
        translation.activate(code)
    translation.deactivate()


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
    for each in connections.all():
        # PostgreSQL's pool has threads, and no thread survives a fork.
        close_pool = getattr(each, "close_pool", None)
        if close_pool is not None:
            close_pool()


def _clear_metrics() -> None:
    """Both processes write their figures to files here; ``/metrics`` adds them up."""
    folder = config().run_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
