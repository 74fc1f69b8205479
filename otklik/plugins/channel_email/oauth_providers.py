"""Where a mailbox's owner signs in with a provider, and where tokens come from.

Google: https://developers.google.com/identity/protocols/oauth2/web-server and
https://developers.google.com/workspace/gmail/imap/xoauth2-protocol.
Microsoft: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and
https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth.
Each address may be replaced in the mailbox's settings: for servers of one's own and national
clouds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from .account_settings import EmailSettings


@dataclass(frozen=True, slots=True)
class Provider:
    """``extra`` are parameters of the authorisation request beside those of RFC 6749."""

    label: str
    authorize_url: str
    token_url: str
    scope: str
    extra: Mapping[str, str] = field(default_factory=dict)


def provider_for(settings: EmailSettings) -> Provider | None:
    """None when the mailbox signs in with a password, or when an address is missing."""
    known = _known(settings)
    if known is None:
        return None
    found = Provider(
        label=known.label,
        authorize_url=settings.oauth_authorize_url or known.authorize_url,
        token_url=settings.oauth_token_url or known.token_url,
        scope=settings.oauth_scope or known.scope,
        extra=known.extra,
    )
    return found if found.authorize_url and found.token_url else None


def binding(settings: EmailSettings) -> str:
    """What tokens belong to: when one of these changes they are not sent there, the owner signs in
    again. Else whoever may change a mailbox could have its tokens sent to a server of theirs."""
    provider = provider_for(settings)
    parts = (
        provider.token_url if provider else "",
        settings.oauth_client_id,
        settings.imap_host.lower(),
        settings.imap_user,
        settings.imap_security,
        settings.smtp_host.lower(),
        settings.smtp_security,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _known(settings: EmailSettings) -> Provider | None:
    if settings.sign_in == "google":
        return Provider(
            "Google",
            "https://accounts.google.com/o/oauth2/v2/auth",
            "https://oauth2.googleapis.com/token",
            "https://mail.google.com/",
            # Without these there is no refresh token at the second consent.
            {"access_type": "offline", "prompt": "consent"},
        )
    if settings.sign_in == "microsoft":
        base = f"https://login.microsoftonline.com/{settings.oauth_tenant or 'common'}/oauth2/v2.0"
        return Provider(
            "Microsoft 365",
            f"{base}/authorize",
            f"{base}/token",
            "https://outlook.office.com/IMAP.AccessAsUser.All "
            "https://outlook.office.com/SMTP.Send offline_access",
        )
    if settings.sign_in == "oauth":
        return Provider("OAuth 2.0", "", "", "")
    return None
