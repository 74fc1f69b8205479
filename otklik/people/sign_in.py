"""Mailed links: single use, short-lived, stored as a hash. GET looks, POST redeems."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, Missing
from otklik.core.db import action, write
from otklik.core.events.record import record
from otklik.people import roles
from otklik.people.actions.identities import verify_identity
from otklik.people.actions.users import hash_password, store_password
from otklik.people.actors import find_active_agent
from otklik.people.events import AgentJoined, UserSignedIn
from otklik.people.models import Identity, SignInLink, User, VerifiedHow


class Purpose(StrEnum):
    SIGN_IN = "sign_in"
    PASSWORD = "password"
    INVITATION = "invitation"
    SETUP = "setup"


LIFETIME = {
    Purpose.SIGN_IN: timedelta(hours=1),
    Purpose.PASSWORD: timedelta(hours=1),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.SETUP: timedelta(days=1),
}
# A link that works longer than links do was made while a clock ran ahead.
CLOCKS = timedelta(hours=1)
CUSTOMER_HOME = "/portal/"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Who a link let in, and where they wanted to go."""

    user: User
    next_path: str


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def safe_path(path: str) -> str:
    """A path on this desk, else "". Absolute addresses and ``//host`` are none."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 300 else ""


@action
def create_link(
    purpose: Purpose,
    *,
    identity: Identity | None = None,
    user: User | None = None,
    next_path: str = "",
    token: str = "",
) -> str:
    """Store the hash of a new link and return its token. ``sign_in`` needs an identity,
    ``password`` and ``invitation`` a user, ``setup`` neither. An earlier link of the same kind
    for the same one stops working.
    """
    token = token or new_token()
    now = timezone.now()
    same = SignInLink.objects.filter(purpose=purpose, used_at=None, expires_at__gt=now)
    same.filter(identity=identity, user=user).update(used_at=now)
    SignInLink.objects.create(
        token_hash=hash_token(token),
        purpose=purpose,
        identity=identity,
        user=user,
        next_path=safe_path(next_path),
        expires_at=now + LIFETIME[purpose],
    )
    return token


def find_link(token: str) -> SignInLink | None:
    """The link while it works. Reads only: a mail scanner that opens it uses nothing up."""
    now = timezone.now()
    found = (
        SignInLink.objects.select_related("identity__person__agent", "user__person__agent")
        .filter(token_hash=hash_token(token), used_at=None, expires_at__gt=now)
        .first()
    )
    if found is not None and found.expires_at > now + LIFETIME[Purpose(found.purpose)] + CLOCKS:
        return None
    return found


def redeem(token: str) -> Redeemed:
    """Use a sign-in link up: its address is proven, and its person has a user from now on.

    Raises Missing for a link that does not work (any more), and for a blocked person.
    """
    link = find_link(token)
    if link is None or link.purpose != Purpose.SIGN_IN or link.identity is None:
        raise gone()
    unusable = make_password(None)
    with write():
        consume(link)
        rows = Identity.objects.select_related("person", "portal_person")
        identity = rows.get(pk=link.identity_id)
        person = identity.portal_person or identity.person
        if identity.is_automated or identity.person.is_blocked or person.is_blocked:
            raise gone()
        verify_identity(SYSTEM, identity, VerifiedHow.LINK)
        user = User.objects.filter(person=person).first()
        if user is None:
            user = User.objects.create(email=identity.value, person=person, password=unusable)
            user.roles.set([roles.get_role(roles.CUSTOMER)])
        if not user.is_active:
            raise gone()
        record(SYSTEM, UserSignedIn(person.pk, user.pk, "link"))
    return Redeemed(user, link.next_path or CUSTOMER_HOME)


def redeem_with_password(token: str, password: str) -> Redeemed:
    """Use an invitation or a password link up by choosing a password.

    Raises Missing for a link that does not work, Invalid (field ``password``) for a weak
    password; the link can still be used then.
    """
    link = find_link(token)
    if link is None or link.purpose not in (Purpose.PASSWORD, Purpose.INVITATION):
        raise gone()
    user = link.user
    if user is None or not user.is_active or user.person.is_blocked:
        raise gone()
    hashed = hash_password(password, user)
    with write():
        consume(link)
        store_password(SYSTEM, user, hashed)
        _prove_address(user)
        agent = find_active_agent(user.person)
        if link.purpose == Purpose.INVITATION and agent is not None:
            record(SYSTEM, AgentJoined(user.person_id, agent.pk))
        record(SYSTEM, UserSignedIn(user.person_id, user.pk, "link"))
    return Redeemed(user, link.next_path)


def redeem_setup(token: str) -> None:
    """Use the set-up link up. Raises Missing. Call inside the transaction that sets up."""
    link = find_link(token)
    if link is None or link.purpose != Purpose.SETUP:
        raise gone()
    consume(link)


@action
def consume(link: SignInLink) -> None:
    """Mark it used; of two at once the second finds it gone."""
    now = timezone.now()
    rows = SignInLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if not rows.update(used_at=now):
        raise gone()


def prune_links() -> int:
    """Forget links that ran out a month ago; how many."""
    long_ago = timezone.now() - timedelta(days=30)
    ids = list(
        SignInLink.objects.filter(expires_at__lt=long_ago).values_list("pk", flat=True)[:500]
    )
    if ids:
        with write():
            SignInLink.objects.filter(pk__in=ids).delete()
    return len(ids)


def gone() -> Missing:
    return Missing(_("This link does not work any more. Ask for a new one."), code="link_gone")


def _prove_address(user: User) -> None:
    """Whoever opened a link sent to the user's address has shown that it is theirs."""
    identity = Identity.objects.filter(
        person_id=user.person_id, kind="email", value=user.email, is_automated=False
    ).first()
    if identity is not None:
        verify_identity(SYSTEM, identity, VerifiedHow.LINK)
