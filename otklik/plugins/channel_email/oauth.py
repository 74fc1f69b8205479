"""XOAUTH2 for mailboxes: authorisation code with PKCE, tokens sealed and renewed ahead of time.

RFC 6749 (§4.1, §6), RFC 7636 and RFC 9700 §2.1. One process at a time renews a mailbox's tokens;
the others go on with the present one while it lasts, else wait for the new one.
"""

from __future__ import annotations

import hashlib
import json
import secrets as random
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from otklik.core.db import write
from otklik.core.settings import config, secrets
from otklik.desk.models import Account
from otklik.kit import outbound
from otklik.kit.targets import OutboundError

from .account_settings import EmailSettings
from .models import MailboxGrant
from .oauth_providers import Provider, binding, provider_for

logger = structlog.get_logger(__name__)

AHEAD = timedelta(minutes=5)  # renewed when less than this is left
LEASE = timedelta(seconds=60)
WAIT_FOR_OTHERS = 30.0  # seconds
ANSWER_WITHIN = 20.0
STATE_LASTS = 600  # seconds between leaving for the provider and coming back

NOT_YET = _("Nobody has signed in with the provider for this mailbox yet.")
AGAIN = _("The servers of this mailbox were changed. Its owner has to sign in again.")
WITHDRAWN = _("The provider no longer lets this desk in: the consent was withdrawn or ran out.")


class NotAuthorised(Exception):
    """Only the mailbox's owner can mend this, by signing in; the text is a sentence to translate.
    ``reply``: the provider's own words."""

    def __init__(self, words: str, reply: str = "") -> None:
        super().__init__(words)
        self.reply = reply


class ProviderUnreachable(OSError):
    """No usable answer from the provider just now; tried again like any broken connection."""


class _Refused(Exception):
    """The provider said no: ``error`` is its code (RFC 6749 §5.2)."""

    def __init__(self, error: str, reply: str) -> None:
        super().__init__(error)
        self.error, self.reply = error, reply


class _Tokens(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    access_token: str = Field(min_length=1, max_length=16_000, repr=False)
    refresh_token: str = Field(default="", max_length=16_000, repr=False)
    expires_in: int = Field(default=3600, ge=1, le=366 * 86_400)


class _Refusal(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    error: str = Field(min_length=1, max_length=200)
    error_description: str = Field(default="", max_length=5000)


class State(BaseModel):
    """What travels to the provider and back, sealed: nobody reads or makes it but us."""

    model_config = ConfigDict(frozen=True)

    account: int
    person: int
    verifier: str = Field(repr=False)
    at: float


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser."""

    url: str


def depart(account: Account, settings: EmailSettings, person_id: int, back: str) -> Departure:
    """The provider's page for this mailbox; ``back`` is our address it returns to. Reads only.

    Raises LookupError when the mailbox has no provider or no client id.
    """
    provider = provider_for(settings)
    if provider is None or not settings.oauth_client_id:
        raise LookupError("no provider")
    verifier = random.token_urlsafe(48)
    state = State(account=account.pk, person=person_id, verifier=verifier, at=time.time())
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": settings.oauth_client_id,
        "redirect_uri": back,
        "scope": provider.scope,
        "state": secrets.seal(state.model_dump_json()),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": settings.imap_user or account.address,
        **provider.extra,
    }
    glue = "&" if "?" in provider.authorize_url else "?"
    return Departure(provider.authorize_url + glue + urlencode(query))


def read_state(text: str, person_id: int) -> State | None:
    """The state of a way back that this person began lately; None for anything else."""
    if not text or len(text) > 4000:
        return None
    try:
        state = State.model_validate_json(secrets.unseal(text))
    except (secrets.SecretError, ValueError):
        return None
    is_fresh = 0 <= time.time() - state.at <= STATE_LASTS
    return state if is_fresh and state.person == person_id else None


def arrive(account: Account, settings: EmailSettings, state: State, code: str, back: str) -> None:
    """Exchange the code for tokens and keep them. Call outside of transactions.

    Raises NotAuthorised when the provider refuses, ProviderUnreachable.
    """
    provider = provider_for(settings)
    if provider is None:
        raise NotAuthorised(NOT_YET)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": state.verifier,
    }
    try:
        tokens = _request(provider, settings, account, form)
    except _Refused as refusal:
        raise NotAuthorised(NOT_YET, refusal.reply) from refusal
    if not tokens.refresh_token:
        words = _("The provider gave no lasting consent (no refresh token).")
        raise NotAuthorised(words)
    with write():
        MailboxGrant.objects.update_or_create(
            account=account,
            defaults={
                "sealed": _seal(tokens.access_token, tokens.refresh_token),
                "expires_at": timezone.now() + timedelta(seconds=tokens.expires_in),
                "bound_to": binding(settings),
                "granted_at": timezone.now(),
                "renewing_until": None,
                "withdrawn_at": None,
                "reply": "",
            },
        )
        MailboxGrant.objects.filter(account=account).update(version=F("version") + 1)
    logger.info("mailbox_authorised", account=account.pk)


def token_source(account: Account, settings: EmailSettings) -> Callable[[str], str]:
    """For sessions: gives the present access token, another one than ``refused``."""

    def give(refused: str = "") -> str:
        return access_token(account, settings, refused=refused)

    return give


def access_token(account: Account, settings: EmailSettings, *, refused: str = "") -> str:
    """A token that lasts a few minutes more. Raises NotAuthorised or ProviderUnreachable."""
    grant = find_usable(account, settings)
    access, _refresh = _unseal(grant)
    left = grant.expires_at - timezone.now()
    if access != refused and left > AHEAD:
        return access
    return _renew(account, settings, grant, refused)


def find_usable(account: Account, settings: EmailSettings) -> MailboxGrant:
    """Raises NotAuthorised with what the owner has to do."""
    grant = MailboxGrant.objects.filter(account_id=account.pk or 0).first()
    if grant is None:
        raise NotAuthorised(NOT_YET)
    if grant.bound_to != binding(settings):
        raise NotAuthorised(AGAIN)
    if grant.withdrawn_at is not None:
        raise NotAuthorised(WITHDRAWN, grant.reply)
    return grant


def _renew(account: Account, settings: EmailSettings, grant: MailboxGrant, refused: str) -> str:
    until = time.monotonic() + WAIT_FOR_OTHERS
    while not _claim(grant):
        access, _refresh = _unseal(grant)
        if access != refused and grant.expires_at > timezone.now() + timedelta(seconds=30):
            return access
        if time.monotonic() > until:
            raise ProviderUnreachable("another process has been renewing the token for too long")
        time.sleep(0.1)
        grant = find_usable(account, settings)
        access, _refresh = _unseal(grant)
        if access != refused and grant.expires_at - timezone.now() > AHEAD:
            return access
    try:
        return _renew_now(account, settings, grant)
    except ProviderUnreachable:
        _release(grant)
        access, _refresh = _unseal(grant)
        if access != refused and grant.expires_at > timezone.now() + timedelta(seconds=30):
            return access
        raise


def _renew_now(account: Account, settings: EmailSettings, grant: MailboxGrant) -> str:
    provider = provider_for(settings)
    if provider is None:
        raise NotAuthorised(NOT_YET)
    _access, refresh = _unseal(grant)
    try:
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        tokens = _request(provider, settings, account, form)
    except _Refused as refusal:
        logger.warning("mailbox_consent_withdrawn", account=account.pk, error=refusal.error)
        with write():
            MailboxGrant.objects.filter(pk=grant.pk, version=grant.version).update(
                withdrawn_at=timezone.now(), renewing_until=None, reply=refusal.reply[:500]
            )
        raise NotAuthorised(WITHDRAWN, refusal.reply) from refusal
    with write():
        MailboxGrant.objects.filter(pk=grant.pk, version=grant.version).update(
            sealed=_seal(tokens.access_token, tokens.refresh_token or refresh),
            expires_at=timezone.now() + timedelta(seconds=tokens.expires_in),
            version=F("version") + 1,
            renewing_until=None,
        )
    logger.info("mailbox_token_renewed", account=account.pk)
    return tokens.access_token


def _claim(grant: MailboxGrant) -> bool:
    """Whether this process renews now. The version says that nobody did since we looked."""
    now = timezone.now()
    free = Q(renewing_until=None) | Q(renewing_until__lt=now)
    with write():
        rows = MailboxGrant.objects.filter(free, pk=grant.pk, version=grant.version)
        return rows.update(renewing_until=now + LEASE) == 1


def _release(grant: MailboxGrant) -> None:
    with write():
        MailboxGrant.objects.filter(pk=grant.pk, version=grant.version).update(renewing_until=None)


def _request(
    provider: Provider, settings: EmailSettings, account: Account, form: dict[str, str]
) -> _Tokens:
    sent = {**form, "client_id": settings.oauth_client_id}
    client_secret = account.secret("oauth_client_secret")
    if client_secret:
        sent["client_secret"] = client_secret
    try:
        answer = outbound.fetch(
            "POST",
            provider.token_url,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            content=urlencode(sent).encode(),
            max_bytes=200_000,
            seconds=ANSWER_WITHIN,
            allowed=config().private_targets,
            follow_redirects=False,
        )
    except OutboundError as error:
        raise ProviderUnreachable(str(error)) from error
    try:
        if answer.status == 200:
            return _Tokens.model_validate_json(answer.content)
        if answer.status in (400, 401, 403):
            said = _Refusal.model_validate_json(answer.content)
            reply = " ".join(f"{said.error}: {said.error_description}".split())[:500]
            if said.error not in ("temporarily_unavailable", "server_error", "slow_down"):
                raise _Refused(said.error, reply)
    except ValidationError as error:
        raise ProviderUnreachable(f"answer {answer.status} that is none of OAuth 2.0") from error
    raise ProviderUnreachable(f"answer {answer.status}")


def _seal(access: str, refresh: str) -> str:
    return secrets.seal(json.dumps({"access": access, "refresh": refresh}))


def _unseal(grant: MailboxGrant) -> tuple[str, str]:
    kept = json.loads(secrets.unseal(grant.sealed))
    return str(kept["access"]), str(kept["refresh"])
