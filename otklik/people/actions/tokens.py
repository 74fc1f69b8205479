"""Making and revoking API tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden, Invalid, all_permission_codes
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.kit.text import clean_line
from otklik.people import permissions, policy, roles
from otklik.people.events import TokenCreated, TokenRevoked
from otklik.people.models import ApiToken, User

PREFIX = "otk_"  # so that scanners for leaked secrets know one when they see it


def hash_token(token: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()


@action
def create_token(
    actor: Actor,
    user: User,
    *,
    name: str,
    scopes: Iterable[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """The row and the token in clear, which is shown this once. ``scopes`` None: all rights.
    One made with a token works no longer than that.

    Raises Forbidden for another's token without ``agents.manage``, Invalid for unknown scopes.
    """
    _require(actor, user)
    wanted = None if scopes is None else sorted(set(scopes))
    unknown = set(wanted or ()) - all_permission_codes()
    if unknown:
        raise Invalid(
            _("There is no such permission: %(codes)s.") % {"codes": ", ".join(sorted(unknown))},
            fields={"scopes": sorted(unknown)},
        )
    token = PREFIX + secrets.token_urlsafe(32)
    if actor.kind is ActorKind.TOKEN:
        expires_at = _no_later(actor, expires_at)
    row = ApiToken.objects.create(
        user=user,
        name=clean_line(name, 100) or "API",
        token_hash=hash_token(token),
        scopes=wanted,
        expires_at=expires_at,
    )
    record(actor, TokenCreated(person_id=user.person_id, token_id=row.pk))
    return row, token


@action
def revoke_token(actor: Actor, row: ApiToken) -> None:
    """It opens nothing from now on. Twice is once."""
    _require(actor, row.user)
    if ApiToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(actor, TokenRevoked(person_id=row.user.person_id, token_id=row.pk))


def _no_later(actor: Actor, wanted: datetime | None) -> datetime | None:
    """A token makes none that outlives it: who finds one must not be able to keep it."""
    own = ApiToken.objects.filter(pk=actor.id or 0).values_list("expires_at", flat=True).first()
    return min(filter(None, (own, wanted)), default=None)


def _require(actor: Actor, user: User) -> None:
    is_own = actor.user_id == user.pk and actor.can(permissions.TOKENS)
    gives = roles.permissions_of(user.roles.all())
    if not (is_own or (policy.can_manage_agents(actor) and policy.can_grant(actor, gives))):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))
