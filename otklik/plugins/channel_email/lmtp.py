"""The listener: LMTP and SMTP on one port, for the addresses of our mailboxes and no others.

LHLO begins LMTP (RFC 2033: one answer per recipient after DATA), EHLO or HELO begins SMTP. 250 is
said only when the mail is committed. The database is touched in worker threads, never on the loop.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import threading
import time
from concurrent.futures import Executor
from ipaddress import ip_address
from typing import Any, AnyStr

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from otklik.channels.contract import Disposition, IntakeResult
from otklik.core.db.connections import tidy_connections
from otklik.core.db.threads import RestingThreads
from otklik.core.settings import config
from otklik.core.settings.room import has_room
from otklik.core.web.announcing import announce

from .accepting import TryLater, accept_mail
from .lmtp_data import NO_ROOM, TOO_LARGE, DataInPieces
from .mailboxes import DIRECTORY

logger = structlog.get_logger(__name__)

MAX_CONNECTIONS = 50
# A mail server on this machine or network opens many; anybody else who gets here only a few, so
# that no stranger takes all the places.
MAX_PER_PEER = 5
MAX_PER_NEIGHBOUR = 40
MAX_RECIPIENTS = 100
IDLE_FOR = 300.0
FINISH_WITHIN = 4.0
WORKERS = 4
TRY_PORTS = 50
FULL = "452 4.3.1 Not enough room just now, try again later"
LATER = "451 4.3.0 Try again later"
_PLAIN_PATH = re.compile(
    r"<(?P<address>[A-Za-z0-9_+=-]{1,64}(?:\.[A-Za-z0-9_+=-]{1,63}){0,8}"
    r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8})>(?: +(?P<rest>.*))?"
)


class _Protocol(DataInPieces):
    """aiosmtpd's SMTP that also speaks LMTP when greeted so."""

    # Long lines break RFC 5321 and are sent all the same.
    line_length_limit = 256 * 1024
    is_lmtp = False

    async def push(self, status: AnyStr) -> None:
        """A refusal of the whole DATA is said once per recipient in LMTP."""
        refusals = {
            TOO_LARGE: f"552 5.3.4 Message larger than {self.data_size_limit} bytes",
            NO_ROOM: "452 4.3.1 Too many large letters at once, try again later",
        }
        if isinstance(status, str) and status in refusals:
            words = refusals[status]
            times = len(self.envelope.rcpt_tos) if self.is_lmtp and self.envelope else 1
            await super().push("\r\n".join([words] * max(1, times)))
            return
        await super().push(status)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Addresses as nearly all are spelt need no parser of header lines, which takes longer
        than everything else between two commands."""
        plain = _PLAIN_PATH.fullmatch(arg or "")
        if plain is not None:
            return plain["address"], plain["rest"] or ""
        return super()._getaddr(arg)

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802  aiosmtpd's naming
        self.is_lmtp = True
        await super().smtp_EHLO(hostname)

    @syntax("XFORWARD name=value ...")
    async def smtp_XFORWARD(self, words: str) -> None:  # noqa: N802
        """Who handed the mail to the server in front of us (Postfix's XFORWARD_README)."""
        if not _is_in_front(self.session):
            await self.push("550 5.7.1 Not from here")
            return
        told: dict[str, str] = getattr(self.session, "forwarded", {})
        for word in words.split()[:20]:
            name, _equals, value = word.partition("=")
            told[name.upper()] = _plain_value(value)
        self.session.forwarded = told  # type: ignore[union-attr]
        await self.push("250 2.0.0 Noted")

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        self.is_lmtp = False
        await super().smtp_EHLO(hostname)

    @syntax("HELO hostname")
    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        self.is_lmtp = False
        await super().smtp_HELO(hostname)


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self.busy = 0

    async def handle_EHLO(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [
            *responses[:-1],
            *(["250-XFORWARD NAME ADDR HELO"] if _is_in_front(session) else []),
            "250-PIPELINING",
            "250-ENHANCEDSTATUSCODES",
            "250 LIMITS RCPTMAX=" + str(MAX_RECIPIENTS),
        ]

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not has_room():
            logger.warning("mail_put_off", reason="disk almost full")
            return FULL
        try:
            is_known = DIRECTORY.knows(address) or await self._in_thread(_is_known, address)
        except Exception:
            logger.exception("recipient_not_looked_up")
            return LATER
        if not is_known:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            result = await self._in_thread(
                _take, raw, list(envelope.rcpt_tos), envelope.mail_from or "", _client(session)
            )
            status = _status(result)
        except TryLater:
            status = LATER
        except Exception:
            logger.exception("mail_not_taken_in")
            status = LATER
        if getattr(server, "is_lmtp", False):
            return "\r\n".join([status] * len(envelope.rcpt_tos))
        return status

    async def handle_exception(self, error: Exception) -> str:
        logger.warning("mail_session_failed", reason=type(error).__name__)
        return LATER

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        self.busy += 1
        try:
            return await loop.run_in_executor(self._pool, _with_connection, function, arguments)
        finally:
            self.busy -= 1


def _with_connection(function: Any, arguments: tuple[Any, ...]) -> Any:
    with tidy_connections():
        return function(*arguments)


def _is_known(address: str) -> bool:
    return DIRECTORY.find_mailbox(address) is not None


def _take(
    raw: bytes, recipients: list[str], sender: str, client: dict[str, str] | None
) -> IntakeResult:
    return accept_mail(raw, recipients, sender=sender, client=client).result


def _is_in_front(session: Session | None) -> bool:
    """Whether the other side is a server of ours: on this machine, or a proxy that is trusted."""
    address = _peer(session)
    if address is None:
        return False
    return address.is_loopback or any(address in net for net in config().trusted_proxies)


def _client(session: Session) -> dict[str, str] | None:
    """The stranger who handed the mail in, as far as it is known."""
    told: dict[str, str] = getattr(session, "forwarded", {})
    if told.get("ADDR"):
        address = told["ADDR"].removeprefix("IPV6:").removeprefix("IPv6:")
        return {"client_ip": address[:45].lower(), "helo": told.get("HELO", "")[:255]}
    peer = _peer(session)
    if peer is None or _is_in_front(session) or peer.is_link_local:
        return None
    return {"client_ip": str(peer), "helo": (session.host_name or "")[:255]}


def _peer(session: Session | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(session.peer[0])  # type: ignore[index, union-attr]
    except (TypeError, ValueError, IndexError, AttributeError):
        return None


def _plain_value(value: str) -> str:
    """xtext (RFC 3461 §4) undone; what Postfix does not know is [UNAVAILABLE]."""
    if value.upper() in {"[UNAVAILABLE]", "[TEMPUNAVAIL]"}:
        return ""
    return re.sub(r"\+([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), value)[:255]


def _status(result: IntakeResult) -> str:
    if result.disposition is Disposition.REJECTED:
        return "550 5.7.1 Not accepted"
    # Whether it was known, or joined a talk, is nothing to tell whoever connects.
    return "250 2.0.0 Taken in"


class Listener:
    """Runs the listener on a loop of its own in the calling thread, until ``stop`` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._open: dict[SMTP, str] = {}
        self.port = 0
        self.ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        with RestingThreads(WORKERS, "mail-in", least=0) as pool:
            handler = _Handler(pool)
            server = await self._bind(handler)
            self.port = server.sockets[0].getsockname()[1]
            host = config().mail_host
            announce("mail", f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}")
            self.ready.set()
            logger.info("mail_listening", host=host, port=self.port)
            async with server:
                while not self._stop.is_set():
                    await asyncio.sleep(0.2)
                server.close()
                await self._let_finish(handler)

    async def _let_finish(self, handler: _Handler) -> None:
        """Mails that are being taken in get their answer; idle connections are cut."""
        deadline = time.monotonic() + FINISH_WITHIN
        while handler.busy and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for protocol in list(self._open):
            if protocol.transport is not None:
                protocol.transport.close()

    async def _bind(self, handler: _Handler) -> asyncio.Server:
        """The configured port or, when it is taken, the next free one."""
        loop = asyncio.get_running_loop()
        wanted = config().mail_port
        for port in range(wanted, min(wanted + TRY_PORTS, 65535) + 1):
            try:
                return await loop.create_server(
                    lambda: self._protocol(handler), config().mail_host, port, backlog=128
                )
            except OSError as error:
                if port == wanted:
                    logger.warning("mail_port_taken", port=port, reason=error.strerror or "")
        raise OSError(f"no free port from {wanted} on")

    def _protocol(self, handler: _Handler) -> SMTP:
        return _Guarded(
            self,
            handler,
            data_size_limit=config().max_message,
            enable_SMTPUTF8=True,
            hostname="otklik",
            ident="Otklik",
            timeout=IDLE_FOR,
            loop=asyncio.get_running_loop(),
        )

    def enter(self, protocol: SMTP, peer: str) -> bool:
        here = sum(1 for other in self._open.values() if other == peer)
        most = MAX_PER_NEIGHBOUR if _is_neighbour(peer) else MAX_PER_PEER
        if len(self._open) >= MAX_CONNECTIONS or here >= most:
            logger.warning("mail_connection_refused", open=len(self._open), of_this_peer=here)
            return False
        self._open[protocol] = peer
        return True

    def leave(self, protocol: SMTP) -> None:
        self._open.pop(protocol, None)


class _Guarded(_Protocol):
    """Counts connections and turns away what is too many."""

    def __init__(self, listener: Listener, *arguments: Any, **options: Any) -> None:
        self._listener = listener
        super().__init__(*arguments, **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername") or ("",)
        self._is_turned_away = not self._listener.enter(self, str(peer[0]))
        if not self._is_turned_away:
            super().connection_made(transport)
            return
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
        transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.leave(self)
        if not self._is_turned_away:
            super().connection_lost(error)


def _is_neighbour(peer: str) -> bool:
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    return address.is_private
