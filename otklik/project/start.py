"""Bring Django up, once, for every command that needs it."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from otklik.core.settings import config
from otklik.kit.memory import give_back

_M_ARENA_MAX = -8  # <malloc.h>


def set_up(*, is_serving: bool = False) -> None:
    """Logs, then the rooms. Raises ConfigError.

    A command typed at a terminal shows only what is wrong there; a service logs every line.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.project.settings")
    from otklik.core.web.logs import set_up_logs

    settings = config()
    make_home()
    if not is_serving and sys.stderr.isatty() and settings.log_level == "INFO":
        set_up_logs("WARNING", "text")
    else:
        set_up_logs(settings.log_level, settings.log_format)
    with importing():
        import django

        django.setup()


def leave_out_extras() -> None:
    """Libraries load what only tests use, also of what a tool for tests has brought along: 12 MB.

    structlog draws tracebacks with rich and looks for greenlets, ninja hears of Django's test
    signals. These come without the rest of their package: the test client, unittest, and jinja2
    where it is there.
    """
    from importlib.util import find_spec
    from types import ModuleType

    if "django.test" not in sys.modules and (django := find_spec("django")) is not None:
        bare = ModuleType("django.test")
        bare.__path__ = [f"{folder}/test" for folder in django.submodule_search_locations or ()]
        sys.modules["django.test"] = bare
    for name in ("rich", "jinja2", "greenlet"):
        # What is None here raises ImportError when it is asked for.
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def few_arenas() -> None:
    """Before the first thread: glibc gives each thread a heap of its own, and they hardly share."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def give_back_memory() -> None:
    """What importing needed and nobody holds any more, before processes are forked."""
    gc.collect()
    give_back()


@contextmanager
def importing() -> Iterator[None]:
    """No garbage is looked for meanwhile: what is imported stays, and looking costs a fifth."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def make_home() -> None:
    """The home folder and the one for sockets and locks.

    The group may pass through, so that a mail server's pipe can reach its socket; files made
    from now on are this user's alone.
    """
    from otklik.core.settings import ConfigError

    os.umask(0o077)
    settings = config()
    try:
        for folder in (settings.home, settings.run_dir):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o750)  # the umask would take the group's right
    except OSError as error:
        raise ConfigError(
            f"The home folder {settings.home} cannot be written: {error.strerror}. "
            "Name another one in OTKLIK_HOME."
        ) from None
