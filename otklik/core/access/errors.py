"""What an action answers when it does not act. Each carries words for the person it meets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise


class ActionError(Exception):
    """An action refused. ``code`` is stable and public, ``message`` is for the person."""

    code = "refused"
    status = 409

    def __init__(
        self, message: str | Promise, *, code: str = "", fields: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(ActionError):
    """This one may see the thing but not do this to it."""

    code = "forbidden"
    status = 403


class Invalid(ActionError):
    """A value that makes no sense; ``fields`` says which and why."""

    code = "invalid"
    status = 422


class Conflict(ActionError):
    """Somebody changed the thing in between; ``fields`` holds field → their value."""

    code = "conflict"
    status = 409


class Missing(ActionError):
    """Not there, or not for this one: deliberately the same."""

    code = "not_found"
    status = 404
