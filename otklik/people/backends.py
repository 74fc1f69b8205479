"""Signing in by e-mail address and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet
from django.http import HttpRequest

from otklik.core.db.spelling import spelt_once
from otklik.people.models import User


class EmailBackend(BaseBackend):
    """The address is compared without case; an unknown one costs as much as a known one."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        address = email or username
        if not address or password is None:
            return None
        user = _users().filter(email=address.strip().lower()).first()
        if user is None or not user.has_usable_password():
            User().set_password(password)
            return None
        if user.check_password(password) and user.is_active and not user.person.is_blocked:
            return user
        return None

    def get_user(self, user_id: int) -> User | None:
        for user in _by_id(user_id):
            return user if user.is_active else None
        return None


def _users() -> QuerySet[User]:
    return User.objects.select_related("person__organisation", "person__agent")


@spelt_once
def _by_id(user_id: int) -> QuerySet[User]:
    return _users().filter(pk=user_id)
