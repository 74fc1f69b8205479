"""What an e-mail account keeps in ``Account.config``, parsed once and strictly.

Passwords are no part of it: they are the account's secrets ``imap_password`` and ``smtp_password``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from otklik.core.settings import config
from otklik.kit.addresses import normalise_email

if TYPE_CHECKING:
    from otklik.desk.models import Account

Security = Literal["tls", "starttls", "none"]
AfterFetch = Literal["keep", "mark_seen", "move", "delete"]
SignIn = Literal["password", "google", "microsoft", "oauth"]
SenderStyle = Literal["agent_via", "agent", "mailbox"]
RoundTrip = Literal["off", "daily", "hourly"]
Host = Annotated[str, StringConstraints(strip_whitespace=True, max_length=253)]
Port = Annotated[int, Field(ge=1, le=65535)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Selector = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
MAX_SIGNATURE = 2000
_LOOPBACK = {("http", "127.0.0.1"), ("http", "::1"), ("http", "localhost")}


class EmailSettings(BaseModel):
    """The configuration of one mailbox. Empty ``imap_host``: mail comes by LMTP or pipe."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sender_name: Line = ""
    # "Marina (Demo)", "Marina", "Demo": the name beside the address on what agents write
    sender_style: SenderStyle = "agent_via"
    signatures: dict[str, str] = Field(default_factory=dict)  # language → text
    aliases: tuple[str, ...] = ()  # further addresses of the same mailbox
    plus_addresses: bool = True  # the server delivers support+anything@ to support@
    own_lists: tuple[str, ...] = ()  # List-Id of group addresses that only forward to this mailbox
    trusted_hosts: tuple[str, ...] = ()  # beside OTKLIK_AUTH_RESULTS_HOSTS

    sign_in: SignIn = "password"
    oauth_client_id: Line = ""
    oauth_tenant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{0,100}$")] = ""
    oauth_authorize_url: Url = ""  # empty: the provider's own
    oauth_token_url: Url = ""
    oauth_scope: Line = ""

    dkim_selectors: tuple[Selector, ...] = ()  # names our letters are signed under
    round_trip: RoundTrip = "off"  # how often a letter is sent to ourselves

    imap_host: Host = ""
    imap_port: Port = 993
    imap_security: Security = "tls"
    imap_user: Line = ""
    imap_folder: Line = "INBOX"
    after_fetch: AfterFetch = "keep"
    move_to: Line = ""

    smtp_host: Host = ""
    smtp_port: Port = 587
    smtp_security: Security = "starttls"
    smtp_user: Line = ""

    @field_validator("aliases", mode="before")
    @classmethod
    def _normalise_aliases(cls, value: object) -> object:
        if isinstance(value, str):
            value = value.replace(",", " ").split()
        return (
            tuple(normalise_email(str(one)) for one in value)
            if isinstance(value, (list, tuple))
            else value
        )

    @model_validator(mode="before")
    @classmethod
    def _older_spelling(cls, value: object) -> object:
        if isinstance(value, dict) and "sender_style" not in value:
            is_named = value.get("show_agent_name", True)
            return {**value, "sender_style": "agent_via" if is_named else "mailbox"}
        return value

    @field_validator("signatures")
    @classmethod
    def _bounded_signatures(cls, value: dict[str, str]) -> dict[str, str]:
        for language, text in value.items():
            if not re.fullmatch(r"[a-z]{2,3}", language) or len(text) > MAX_SIGNATURE:
                raise ValueError("one text of at most 2000 characters per language")
        return {language: text.strip() for language, text in value.items() if text.strip()}

    @field_validator("oauth_authorize_url", "oauth_token_url")
    @classmethod
    def _protected(cls, value: str) -> str:
        """A token in the clear is anybody's; only this machine may do without TLS."""
        parts = urlsplit(value)
        if value and (
            not parts.hostname
            or parts.username is not None
            or (parts.scheme != "https" and (parts.scheme, parts.hostname) not in _LOOPBACK)
        ):
            raise ValueError("an https address")
        return value

    @field_validator("dkim_selectors", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("own_lists", "trusted_hosts", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        if isinstance(value, str):
            value = value.replace(",", " ").split()
        if isinstance(value, (list, tuple)):
            return tuple(str(one).strip("<> ").lower() for one in value)
        return value


class SmtpServer(BaseModel):
    """Where to hand mail over. ``source`` is "account" or "desk" (``OTKLIK_SMTP_URL``).

    ``token`` gives the access token for XOAUTH2 in place of a password; it is called with the one
    that the server has just refused, or "".
    """

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = Field(default="", repr=False)
    token: Callable[[str], str] | None = Field(default=None, repr=False, exclude=True)
    source: Literal["account", "desk"] = "account"


def settings_of(account: Account) -> EmailSettings:
    """The account's settings. ValueError (pydantic's) when the row holds what cannot be meant."""
    return EmailSettings.model_validate(account.config or {})


def addresses_of(account: Account, settings: EmailSettings) -> tuple[str, ...]:
    """Every address mail for this account is sent to, the main one first."""
    own = [account.address] if account.address else []
    return tuple(dict.fromkeys([*own, *settings.aliases]))


def smtp_server_of(account: Account) -> SmtpServer | None:
    """The account's own server, else the desk's, None when there is neither. In a public demo
    only the desk's: whoever visits it could send to anybody through a server of theirs."""
    settings = settings_of(account)
    if not settings.smtp_host or config().demo == "public":
        return desk_smtp_server()
    user = settings.smtp_user or settings.imap_user
    if settings.sign_in != "password":
        from .oauth import token_source  # it stores tokens beside the account's settings

        return SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=user,
            token=token_source(account, settings),
        )
    password = account.secret("smtp_password") or (account.secret("imap_password") if user else "")
    return SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=user if password else "",
        password=password,
    )


def desk_smtp_server() -> SmtpServer | None:
    """``OTKLIK_SMTP_URL`` taken apart: smtp:// plain, smtp+starttls://, smtps://."""
    url = config().smtp_url
    if not url:
        return None
    parts = urlsplit(url)
    security: Security = "none"
    port = 25
    if parts.scheme == "smtps":
        security, port = "tls", 465
    elif parts.scheme == "smtp+starttls":
        security, port = "starttls", 587
    return SmtpServer(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or port,
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        source="desk",
    )
