"""What was done, and how to take it back. Rows live in `operations.models`."""

from typing import Any

_FACE = (
    "begin",
    "find_last_operation",
    "find_operation",
    "join",
    "journal",
    "may_undo",
    "register_undo",
    "undo_operation",
)


def __getattr__(name: str) -> Any:
    # Models may be imported only once Django's apps are loaded; this package, any time.
    if name in _FACE:
        from otklik.core.operations import undoing as face

        return getattr(face, name)
    raise AttributeError(name)
