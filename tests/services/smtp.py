"""A small outgoing server for tests: it wants XOAUTH2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.services import PATIENCE, free_port


@dataclass
class Outgoing:
    """``letters`` are what was taken, each with its envelope recipients."""

    port: int
    letters: list[tuple[list[str], bytes]] = field(default_factory=list)


class _Handler:
    def __init__(self, taken: Outgoing, is_good: Callable[[str, str], bool] | None) -> None:
        self._taken = taken
        self._is_good = is_good

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._is_good is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self._taken.letters.append((list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> Any:  # noqa: N802
        """As Google documents it: user and token in one message; a refusal gives its reasons
        in a 334 and wants an empty answer."""
        from base64 import b64decode

        words = b64decode(args[1]).decode() if len(args) > 1 else ""
        parts = dict(one.partition("=")[::2] for one in words.split("\x01") if one)
        token = parts.get("auth", "").removeprefix("Bearer ")
        if self._is_good is not None and self._is_good(parts.get("user", ""), token):
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)


@contextmanager
def token_smtp(is_good: Callable[[str, str], bool] | None = None) -> Iterator[Outgoing]:
    """Takes letters; with ``is_good(user, token)`` only from who signs in by XOAUTH2."""
    taken = Outgoing(free_port())
    controller = Controller(
        _Handler(taken, is_good),
        hostname="127.0.0.1",
        port=taken.port,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN", "PLAIN"],
        ready_timeout=PATIENCE,
    )
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()
