"""The connection test: each step by itself, in words for the administrator who reads it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pydantic import ValidationError

from otklik.channels.contract import Check
from otklik.core.hooks.program import CheckResult, register_check
from otklik.core.settings import config
from otklik.desk.models import Account

from . import smtp
from .account_settings import EmailSettings, SmtpServer, settings_of, smtp_server_of
from .advice import login_advice, provider_of, tls_advice, unreachable_advice
from .domain_check import check_domain
from .domain_words import tell
from .imap_session import ImapErrors, ImapSession, RejectedLogin, server_words
from .oauth import NOT_YET, NotAuthorised, token_source
from .reaching import connect

CONNECT_WITHIN = 10.0


class _Stop(Exception):
    """A step failed; those behind it are not tried."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.detail)
        self.check = check


def check_account(account: Account) -> list[Check]:
    """Incoming, then outgoing. Connects for real; changes nothing and sends nothing."""
    try:
        settings = settings_of(account)
    except ValidationError as error:
        fields = ", ".join(str(one["loc"][0]) for one in error.errors() if one["loc"])
        detail = _("These settings cannot be right: %(fields)s.") % {"fields": fields}
        return [Check(_("Settings"), "failed", detail)]
    return [*_incoming(account, settings), *_outgoing(account)]


def register_checks() -> None:
    """The same test for every mailbox in ``otklik check``."""
    register_check("mailboxes", check_mailboxes)


def check_mailboxes() -> Iterator[CheckResult]:
    for account in Account.objects.filter(kind="email", is_active=True).order_by("id"):
        for check in (*check_account(account), *tell(check_domain(account))):
            if check.state == "skipped":
                continue
            detail = f"{check.name}: {check.detail}" if check.detail else check.name
            record = (check.server_reply,) if check.server_reply and check.advice else ()
            advice = " ".join((*check.advice, *record))
            yield CheckResult(account.address or account.name, check.state, detail, advice)


def _incoming(account: Account, settings: EmailSettings) -> Iterator[Check]:
    if not settings.imap_host:
        detail = _("Mail comes from a mail server to this desk (LMTP or pipe).")
        yield Check(_("Receiving mail"), "ok", detail)
        return
    names = [_("Server found"), _("Connection protected"), _("Signed in"), _("Folder read")]
    session = _session(account, settings)

    def found() -> str:
        _reach(settings.imap_host, settings.imap_port)
        return _("%(host)s, port %(port)d") % {
            "host": settings.imap_host,
            "port": settings.imap_port,
        }

    def protected() -> str:
        with _tls_failures(settings.imap_host):
            session.connect()
        return _protection(session.box.client.sock)

    def signed_in() -> str:
        provider = provider_of(settings.imap_host, account.address)
        try:
            session.sign_in()
        except RejectedLogin as refusal:
            raise _Stop(_refused_login(provider, str(refusal))) from refusal
        except NotAuthorised as refusal:
            raise _Stop(_not_authorised(refusal)) from refusal
        return settings.imap_user

    def folder_read() -> str:
        try:
            session.open_folder()
        except ImapErrors as error:
            raise _Stop(
                Check(
                    "",
                    "failed",
                    _("The server has no folder “%(folder)s”.") % {"folder": settings.imap_folder},
                    (_("Check its name; the usual one is INBOX."),),
                    server_words(error),
                )
            ) from error
        if not session.can_idle():
            return _("%(folder)s; new mail is looked for every half a minute") % {
                "folder": settings.imap_folder
            }
        return settings.imap_folder

    try:
        yield from _steps(names, [found, protected, signed_in, folder_read])
    finally:
        session.close()


def _outgoing(account: Account) -> Iterator[Check]:
    server = smtp_server_of(account)
    if server is None:
        if config().is_demo:
            detail = _("No mail server: letters go to the outgoing tray and can be read there.")
            yield Check(_("Sending mail"), "ok", detail)
        else:
            advice = (_("Enter an SMTP server here, or set OTKLIK_SMTP_URL."),)
            yield Check(_("Sending mail"), "failed", _("No outgoing mail server is set."), advice)
        return
    yield from _steps(
        [_("Outgoing server found"), _("Sending allowed")],
        [lambda: _reached(server), lambda: _allowed(server, account)],
    )


def _reached(server: SmtpServer) -> str:
    _reach(server.host, server.port, is_the_desks=server.source == "desk")
    return _("%(host)s, port %(port)d") % {"host": server.host, "port": server.port}


def _allowed(server: SmtpServer, account: Account) -> str:
    """Signs in and offers the sender's address, then takes it back: nothing is sent."""
    with _tls_failures(server.host):
        connection = smtp.connect(server)
    try:
        try:
            smtp.sign_in(connection, server)
        except smtplib.SMTPAuthenticationError as error:
            provider = provider_of(server.host, account.address)
            raise _Stop(_refused_login(provider, smtp.words_of(error))) from error
        except NotAuthorised as refusal:
            raise _Stop(_not_authorised(refusal)) from refusal
        code, words = connection.mail(account.address)
        if not 200 <= code < 300:
            reply = smtp.reply_text(code, words)
            detail = _("The server does not let this mailbox send as %(address)s.") % {
                "address": account.address
            }
            raise _Stop(Check("", "failed", detail, (), reply))
        with suppress(OSError, smtplib.SMTPException):
            connection.rset()
        return _protection(connection.sock)
    finally:
        smtp.close_connection(connection)


def _steps(names: Sequence[str], steps: Sequence[Callable[[], str]]) -> Iterator[Check]:
    """Run steps until one fails; the rest are reported as not tried."""
    for number, (name, step) in enumerate(zip(names, steps, strict=True)):
        try:
            yield Check(name, "ok", step())
            continue
        except _Stop as stop:
            failed = stop.check
        except (*ImapErrors, smtplib.SMTPException) as error:
            failed = Check(
                "", "failed", _("The server broke the connection off."), (), _said(error)
            )
        state = failed.state or "failed"
        yield Check(name, state, failed.detail, failed.advice, failed.server_reply)
        for skipped in names[number + 1 :]:
            yield Check(skipped, "skipped", _("not tested"))
        return


def _reach(host: str, port: int, *, is_the_desks: bool = False) -> None:
    try:
        connect(host, port, CONNECT_WITHIN, is_the_desks=is_the_desks).close()
    except socket.gaierror as error:
        detail = _("There is no server with the name %(host)s.") % {"host": host}
        raise _Stop(Check("", "failed", detail, unreachable_advice(port), str(error))) from error
    except OSError as error:
        detail = _("The server %(host)s does not answer on port %(port)d.") % {
            "host": host,
            "port": port,
        }
        raise _Stop(Check("", "failed", detail, unreachable_advice(port), str(error))) from error


class _tls_failures:  # noqa: N801  a context manager that reads as one
    """Turns what goes wrong with TLS into words."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ssl.SSLCertVerificationError):
            detail = _("The certificate of %(host)s cannot be trusted.") % {"host": self._host}
            raise _Stop(
                Check("", "failed", detail, tls_advice("certificate"), error.verify_message)
            ) from error
        if isinstance(error, (ssl.SSLError, smtplib.SMTPNotSupportedError)):
            detail = _("The server does not offer this kind of protection.")
            raise _Stop(Check("", "failed", detail, tls_advice("kind"), str(error))) from error


def _protection(connection: object) -> str:
    if not isinstance(connection, ssl.SSLSocket):
        return _("not protected: passwords and mail can be read on the way")
    version = (connection.version() or "TLS").replace("TLSv", "TLS ")
    certificate = connection.getpeercert() or {}
    expires = str(certificate.get("notAfter", ""))
    if not expires:
        return version
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(expires), UTC)
    return _("%(version)s, certificate until %(date)s") % {
        "version": version,
        "date": date_format(until, "SHORT_DATE_FORMAT"),
    }


def _refused_login(provider: str, reply: str) -> Check:
    detail = _(
        "The server says that the name or the password is wrong. This happens after sign-in in "
        "two steps was turned on: the ordinary password no longer works for programs."
    )
    return Check("", "failed", detail, login_advice(provider), reply)


def _session(account: Account, settings: EmailSettings) -> ImapSession:
    if settings.sign_in == "password":
        return ImapSession(settings, account.secret("imap_password"))
    return ImapSession(settings, "", token_source(account, settings))


def _not_authorised(refusal: NotAuthorised) -> Check:
    """Not a failure before anybody has signed in: that is the next step, once this is saved."""
    state = "skipped" if str(refusal) == NOT_YET else "failed"
    advice = _("Save the mailbox, then sign in with the provider on this page.")
    return Check("", state, _(str(refusal)), (advice,), refusal.reply)


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPException):
        return smtp.words_of(error)
    return server_words(error)
