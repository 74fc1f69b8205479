"""What the desk knows of e-mail: the ``Channel`` this plug-in registers."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.channels.contract import Address, Check, OutboundFile, OutboundMessage, RecipientOutcome
from otklik.core.files import StorageError, open_blob
from otklik.core.files.models import Blob
from otklik.core.outbox import PermanentFailure, TemporaryFailure
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.kit.addresses import domain_of, normalise_email

from . import checks, smtp, tokens, tray
from .account_settings import settings_of, smtp_server_of
from .composing import compose
from .desk_mark import desk_mark
from .mailboxes import KIND


class EmailChannel:
    """E-mail in and out of mailboxes."""

    kind = KIND
    can_start_talk = True

    @property
    def label(self) -> str:
        return _("E-mail")

    def normalise(self, value: str) -> str:
        return normalise_email(value)

    def read_token(self, token: str) -> int | None:
        claim = tokens.read_token(token)
        return claim.ticket if claim else None

    def is_token_for(self, token: str, ticket: int, address: str) -> bool:
        return tokens.is_token_for(token, ticket, address, keys=tokens.desk_keys())

    def make_external_id(
        self, account: Account, key: str, *, ticket: int | None = None, reader: str = ""
    ) -> str:
        """Where the server takes no plus addresses the reply token travels in the Message-ID, which
        comes back in References."""
        unique = f"{key}.{secrets.token_hex(8)}"
        if ticket is not None and reader and not settings_of(account).plus_addresses:
            token = tokens.make_token(ticket, reader, keys=tokens.desk_keys())
            unique = f"{unique}.{token}"
        return f"{unique}@{message_id_host(account)}"

    def send(
        self, account: Account, message: OutboundMessage, *, entering: Callable[[], None]
    ) -> Sequence[RecipientOutcome]:
        recipients = _recipients(message)
        if not recipients:
            raise PermanentFailure("The message has no recipient.")
        server = smtp_server_of(account)
        raw = compose(
            message,
            at=timezone.now(),
            desk_id=desk_mark(),
            reply_to=reply_address(account, message),
            read_file=_read_file,
        )
        if server is not None:
            host = message_id_host(account)
            return smtp.transmit(
                server,
                message.sender.address,
                recipients,
                raw,
                helo=host,
                entering=entering,
            )
        if config().is_demo:
            return tray.keep(account, message, recipients, raw)
        raise TemporaryFailure("No outgoing mail server is set for this mailbox.")

    def check(self, account: Account) -> Sequence[Check]:
        return checks.check_account(account)


def reply_address(account: Account, message: OutboundMessage) -> Address | None:
    """Where answers go: our mailbox with a token for the first recipient; None without one."""
    if message.ticket is None or not settings_of(account).plus_addresses:
        return None
    written_to = next(iter((*message.to, *message.cc)), None)
    if written_to is None or message.sender.address != account.address:
        return None
    reader = message.signed_for or written_to.address
    token = tokens.make_token(message.ticket, reader, keys=tokens.desk_keys())
    address = tokens.plus_address(account.address, token)
    return None if address == account.address else Address(address, message.sender.name)


def message_id_host(account: Account) -> str:
    """The desk's public host; a mailbox's own domain while the desk has no name."""
    host = urlsplit(config().url).hostname or ""
    if host and "." in host and not _is_ip(host):
        return host
    return domain_of(account.address) or "otklik.invalid"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _recipients(message: OutboundMessage) -> list[str]:
    """Who gets it now: on a repeated attempt only those who have not got it yet."""
    everybody = (address.address for address in (*message.to, *message.cc, *message.bcc))
    chosen = everybody if message.envelope is None else message.envelope
    return list(dict.fromkeys(chosen))


def _read_file(file: OutboundFile) -> bytes:
    blob = Blob.objects.filter(sha256=file.sha256).first()
    if blob is None:
        raise PermanentFailure("An attached file is gone.")
    try:
        with open_blob(blob) as stream:
            return stream.read()
    except StorageError as error:
        raise TemporaryFailure(str(error)) from error


CHANNEL = EmailChannel()
