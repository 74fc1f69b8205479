"""Pages, sockets and files: what ``otklik up`` and ``otklik web`` serve."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otklik.core.web.shell import Shell

# A form carries more than the file in it.
_FORM_MARGIN = 1 << 20


def make_shell() -> Shell:
    """The shell over Django's WSGI application. Needs Django set up."""
    from django.core.wsgi import get_wsgi_application

    from otklik.core.realtime.hub import Hub
    from otklik.core.settings import config
    from otklik.core.web.shell import Shell
    from otklik.core.web.spool import SpoolLimits
    from otklik.people.sitting import actor_sitting, actors_sitting

    settings = config()
    return Shell(
        get_wsgi_application(),
        Hub(actor_sitting, identify_all=actors_sitting),
        threads=settings.threads,
        limits=SpoolLimits(settings.max_upload + _FORM_MARGIN),
    )


def __getattr__(name: str) -> Shell:
    if name == "application":  # for an ASGI server of one's own
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.project.settings")
        shell = make_shell()
        from otklik.project.parts import web_services

        beside = ExitStack()
        beside.enter_context(web_services())
        atexit.register(beside.close)
        return shell
    raise AttributeError(name)
