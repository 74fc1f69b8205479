"""The demo company, loaded on the first start into an empty desk."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.core import settings
from otklik.core.hooks.program import Demo, Progress, register_demo
from otklik.project.demo.made import LOADED_AT, MADE

Accounts = Sequence[tuple[str, str, str]]


def register() -> None:
    """From ``apps.ready()``: what the demo is made of is imported only when it is needed."""
    settings.register(LOADED_AT, str, "", "When the demo company was loaded")
    settings.register(MADE, dict, {}, "What the demo company consists of")
    register_demo(
        Demo(
            load=_load,
            remove=_remove,
            is_loaded=lambda: bool(settings.get(LOADED_AT)),
            new_passwords=_new_passwords,
            has_room=_has_room,
            has_remains=lambda: bool(settings.get(MADE)) and not settings.get(LOADED_AT),
        )
    )


def _load(progress: Progress) -> Accounts:
    from otklik.project.demo.loading import load

    return load(progress)


def _remove(progress: Progress) -> Sequence[str]:
    from otklik.project.demo.removing import remove

    return remove(progress)


def _new_passwords() -> Accounts:
    from otklik.project.demo.furnishing import give_passwords

    return give_passwords()


def _has_room() -> bool:
    from otklik.project.demo.loading import is_empty

    return is_empty()
