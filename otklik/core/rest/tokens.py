"""Who a bearer token is: the room that keeps tokens says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from otklik.core.access import Actor


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """A valid token: its id and the one it acts for, already narrowed to its scopes."""

    token_id: int
    actor: Actor
    is_narrowed: bool = False  # it does less than the one it acts for may


Resolve = Callable[[str], TokenHolder | None]
_resolve: list[Resolve] = []


def register_tokens(resolve: Resolve) -> None:
    """Say how a bearer token becomes an actor; None for one that is unknown, used up or expired."""
    _resolve[:] = [resolve]


def find_holder(header: str) -> TokenHolder | None:
    """From an ``Authorization`` header."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 200 or not _resolve:
        return None
    return _resolve[0](token)
