"""From a bearer token to the one who acts, and `otklik token create`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import QuerySet
from django.utils import timezone

from otklik.core.access import SYSTEM, ActionError, ActorKind
from otklik.core.db.spelling import spelt_once
from otklik.core.hooks.program import register_command
from otklik.core.rest.tokens import TokenHolder, register_tokens
from otklik.people.actions.tokens import create_token, hash_token
from otklik.people.actors import actor_for_user
from otklik.people.models import ApiToken, User


def wire() -> None:
    register_tokens(resolve)
    register_command("token create", "make a token for REST: --user EMAIL [--scope …]", create)


def resolve(token: str) -> TokenHolder | None:
    """Whose token this is, with the user's present rights narrowed to its scopes."""
    row = next(iter(_valid(hash_token(token))), None)
    if row is None or (row.expires_at is not None and row.expires_at <= timezone.now()):
        return None
    actor = actor_for_user(row.user)
    if actor.person_id is None:
        return None
    if actor.kind is ActorKind.AGENT:
        actor = replace(actor, kind=ActorKind.TOKEN, id=row.pk)
    if row.scopes is not None:
        actor = replace(actor, permissions=actor.permissions & frozenset(row.scopes))
    return TokenHolder(row.pk, actor, is_narrowed=row.scopes is not None)


@spelt_once
def _valid(token_hash: str) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.select_related("user__person__agent")
    return rows.filter(token_hash=token_hash, revoked_at=None)


def create(arguments: Sequence[str]) -> int:
    """Prints the token alone on the last line. Exit 67 for an unknown user, 64 for bad words."""
    parser = argparse.ArgumentParser(prog="otklik token create")
    parser.add_argument("--user", required=True, metavar="EMAIL")
    parser.add_argument("--scope", action="append", metavar="PERMISSION")
    parser.add_argument("--name", default="command line")
    given = parser.parse_args(list(arguments))
    user = User.objects.filter(email=given.user.strip().lower(), is_active=True).first()
    if user is None:
        print(f"otklik: nobody signs in as {given.user}", file=sys.stderr)
        return 67
    try:
        _row, token = create_token(SYSTEM, user, name=given.name, scopes=given.scope)
    except ActionError as refused:
        print(f"otklik: {refused}", file=sys.stderr)
        return 64
    print(token)
    return 0
