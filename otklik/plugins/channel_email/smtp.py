"""Handing a composed message to a mail server, with one outcome per recipient.

The dangerous moment is between the end of DATA and the answer: what is cut there may have been
delivered, so it is ``UncertainOutcome`` and never repeated unasked. Everything earlier is safe to
repeat, because a server answers for a message only after its final dot (RFC 5321 §4.5.3.2.6).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _now

from otklik.channels.contract import RecipientOutcome
from otklik.core.outbox import PermanentFailure, TemporaryFailure, UncertainOutcome

from . import reaching
from .account_settings import SmtpServer
from .imap_session import xoauth2_words
from .oauth import NotAuthorised

CONNECT_WITHIN = 20.0
COMMAND_WITHIN = 60.0
# RFC 5321 §4.5.3.2.6 allows ten minutes; a lease must outlive this.
FINAL_ANSWER_WITHIN = 240.0
# All of one letter: a server that says a byte a minute must not hold a thread for ever.
WHOLE_WITHIN = 900.0
SIGN_IN_WITHIN = 90.0
MAX_DETAIL = 500


def transmit(
    server: SmtpServer,
    sender: str,
    recipients: Sequence[str],
    data: bytes,
    *,
    entering: Callable[[], None],
    helo: str = "",
) -> list[RecipientOutcome]:
    """Send once. ``data`` has CRLF line ends. Outcomes are of recipients the server judged.

    ``entering`` is called right before the final dot; what it raises stops the sending. Raises
    TemporaryFailure, PermanentFailure (of the whole message) or UncertainOutcome.
    """
    connection = open_connection(server, helo=helo)
    try:
        with reaching.cut_after(WHOLE_WITHIN, connection.sock):
            outcomes = _envelope(connection, sender, recipients, data)
            if any(outcome.is_accepted for outcome in outcomes):
                _body(connection, data, entering)
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryFailure(words_of(error)) from error
    else:
        return outcomes
    finally:
        close_connection(connection)


def open_connection(server: SmtpServer, *, helo: str = "") -> smtplib.SMTP:
    """Connected, secured as configured and signed in. Raises TemporaryFailure.

    A wrong password is temporary too: it is mended in the settings, and then the mail goes out.
    """
    try:
        connection = connect(server, helo)
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryFailure(words_of(error)) from error
    try:
        with reaching.cut_after(SIGN_IN_WITHIN, connection.sock):
            sign_in(connection, server)
    except NotAuthorised as refusal:
        close_connection(connection)
        raise TemporaryFailure(_now(str(refusal))) from refusal
    except (OSError, smtplib.SMTPException) as error:
        close_connection(connection)
        raise TemporaryFailure(words_of(error)) from error
    return connection


def connect(server: SmtpServer, helo: str = "") -> smtplib.SMTP:
    """Connected and protected as configured. Raises what smtplib and ssl raise."""
    connection = _Connection(server, helo or socket.gethostname())
    try:
        connection.reach()
        _wait(connection, COMMAND_WITHIN)
        connection.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            # Raises when the server does not offer it: no password goes in the clear by mistake.
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo_or_helo_if_needed()
    except BaseException:
        connection.close()
        raise
    return connection


class _Connection(smtplib.SMTP):
    """smtplib's own sockets would go wherever a name leads at that moment."""

    def __init__(self, server: SmtpServer, name: str) -> None:
        self._server = server
        super().__init__(local_hostname=name, timeout=CONNECT_WITHIN)

    def reach(self) -> None:
        """Raises SMTPConnectError when the greeting is a refusal, OSError when there is none."""
        code, words = self.connect(self._server.host, self._server.port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, words)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        is_the_desks = self._server.source == "desk"
        raw = reaching.connect(host, port, timeout, is_the_desks=is_the_desks)
        # STARTTLS too asks for the certificate of this name.
        self._host = host
        if self._server.security != "tls":
            return raw
        with reaching.cut_after(CONNECT_WITHIN, raw):
            return ssl.create_default_context().wrap_socket(raw, server_hostname=host)


def sign_in(connection: smtplib.SMTP, server: SmtpServer) -> None:
    """By XOAUTH2 where the mailbox has tokens, else by password. Raises what smtplib raises, and
    what the source of tokens raises."""
    if server.token is not None:
        _sign_in_by_token(connection, server, server.token)
    elif server.user:
        connection.login(server.user, server.password)


def _sign_in_by_token(
    connection: smtplib.SMTP, server: SmtpServer, token: Callable[[str], str]
) -> None:
    connection.ehlo_or_helo_if_needed()
    if "XOAUTH2" not in connection.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("The server does not offer XOAUTH2.")
    access = token("")
    try:
        _authenticate(connection, server.user, access)
    except smtplib.SMTPAuthenticationError:
        # A provider may call a token back before its time.
        _authenticate(connection, server.user, token(access))


def _authenticate(connection: smtplib.SMTP, user: str, access: str) -> None:
    words = b64encode(xoauth2_words(user, access)).decode("ascii")
    code, reply = connection.docmd("AUTH", f"XOAUTH2 {words}")
    if code == 334:
        # The reasons of a refusal; the server says its last word after an empty answer.
        code, reply = connection.docmd("")
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, reply)


def close_connection(connection: smtplib.SMTP) -> None:
    """Say good-bye without waiting for it."""
    try:
        if connection.sock is not None:
            connection.sock.settimeout(2)
            connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _envelope(
    connection: smtplib.SMTP, sender: str, recipients: Sequence[str], data: bytes
) -> list[RecipientOutcome]:
    options = [f"SIZE={len(data)}"] if connection.has_extn("size") else []
    if not all(address.isascii() for address in (sender, *recipients)):
        if not connection.has_extn("smtputf8"):
            raise PermanentFailure("The server takes no addresses beyond ASCII (SMTPUTF8).")
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        connection.command_encoding = "utf-8"
    code, words = connection.mail(sender, options)
    if code != 250:
        _refuse(code, words)
    outcomes = []
    for recipient in recipients:
        code, words = connection.rcpt(recipient)
        outcomes.append(
            RecipientOutcome(
                address=recipient,
                is_accepted=code in {250, 251},
                is_permanent=500 <= code < 600,
                detail=reply_text(code, words),
            )
        )
        if code == 421:
            raise TemporaryFailure(reply_text(code, words))
    return outcomes


def _body(connection: smtplib.SMTP, data: bytes, entering: Callable[[], None]) -> None:
    code, words = connection.docmd("DATA")
    if code != 354:
        _refuse(code, words)
    dotted = b"\r\n".join(
        b"." + line if line.startswith(b".") else line for line in data.split(b"\r\n")
    )
    if not dotted.endswith(b"\r\n"):
        dotted += b"\r\n"
    connection.send(dotted)
    # Its last line is handed over apart: what fails before this was never a whole message.
    try:
        entering()
    except BaseException:
        connection.close()
        raise
    connection.send(b".\r\n")
    try:
        _wait(connection, FINAL_ANSWER_WITHIN)
        code, words = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise UncertainOutcome(words_of(error)) from error
    if not 200 <= code < 600:
        raise UncertainOutcome(reply_text(code, words))
    if not 200 <= code < 300:
        _refuse(code, words)


def _refuse(code: int, words: bytes | str) -> None:
    if 500 <= code < 600:
        raise PermanentFailure(reply_text(code, words))
    raise TemporaryFailure(reply_text(code, words))


def _wait(connection: smtplib.SMTP, seconds: float) -> None:
    if isinstance(connection.sock, socket.socket):
        connection.sock.settimeout(seconds)


def reply_text(code: int, words: bytes | str) -> str:
    """A server's answer in one line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:MAX_DETAIL]


def words_of(error: Exception) -> str:
    """What went wrong, in the server's words where it spoke."""
    if isinstance(error, smtplib.SMTPResponseException):
        return reply_text(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:MAX_DETAIL]
