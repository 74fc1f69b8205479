"""Who sits before many pages at once: sessions, users, roles and teams in a few questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from otklik.core.access import NOBODY, Actor
from otklik.people.actors import actors_of_agents
from otklik.people.middleware import AS_CUSTOMER, actor_for_request
from otklik.people.models import User


def actor_sitting(request: HttpRequest) -> Actor:
    """Of one session, as any page asks."""
    user = request.user
    return actor_for_request(request, user if isinstance(user, User) else None)


def actors_sitting(requests: Sequence[HttpRequest]) -> list[Actor]:
    """The same of each. Agents are found together; whoever is anything else, or whose session is
    not as sessions mostly are, is asked for alone."""
    if len(requests) == 1:
        return [actor_sitting(requests[0])]
    keys = [request.COOKIES.get(settings.SESSION_COOKIE_NAME, "") for request in requests]
    data = _sessions({key for key in keys if key})
    ids = {pk for one in data.values() if (pk := _user_id(one)) is not None}
    users = User.objects.filter(pk__in=ids, is_active=True)
    hashes = {user.pk: user for user in users.only("password", "session_epoch", "person_id")}
    agents = actors_of_agents(user.person_id for user in hashes.values())
    found = []
    for request, key in zip(requests, keys, strict=True):
        session = data.get(key)
        if session is None:
            found.append(NOBODY)
            continue
        user = hashes.get(_user_id(session) or 0)
        agent = agents.get(user.person_id) if user is not None else None
        is_plain = user is not None and agent is not None and _is_plain(session, user)
        found.append(agent if is_plain and agent is not None else actor_sitting(request))
    return found


def _sessions(keys: set[str]) -> dict[str, dict[str, Any]]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {row.session_key: row.get_decoded() for row in rows}


def _user_id(session: dict[str, Any]) -> int | None:
    written = str(session.get(SESSION_KEY, ""))
    return int(written) if written.isascii() and written.isdecimal() else None


def _is_plain(session: dict[str, Any], user: User) -> bool:
    """As Django's `get_user` verifies it: our backend, and the password it was opened with."""
    if session.get(AS_CUSTOMER) or session.get(BACKEND_SESSION_KEY) not in (
        settings.AUTHENTICATION_BACKENDS
    ):
        return False
    kept = session.get(HASH_SESSION_KEY) or ""
    return constant_time_compare(kept, user.get_session_auth_hash())
