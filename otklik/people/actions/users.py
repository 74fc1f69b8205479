"""What signed-in persons change about how they sign in and what they see."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.realtime import doubt_rights
from otklik.people import policy, roles, values
from otklik.people.actions.changing import copy_values, differing, locked
from otklik.people.events import UserPasswordChanged, UserPreferencesChanged
from otklik.people.models import SignInLink, User


def hash_password(password: str, user: User | None = None) -> str:
    """Check and hash a new password. It takes some 50 ms, so call it outside a transaction.

    Raises Invalid (field ``password``) with what is wrong with it.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        words = " ".join(error.messages)
        raise Invalid(words, fields={"password": words}) from None
    if len(password) > 1024:
        words = _("At most %(count)d characters.") % {"count": 1024}
        raise Invalid(words, fields={"password": words})
    return make_password(password)


def set_password(actor: Actor, user: User, password: str) -> None:
    """Give a new password: ends every other session and every link that still works.

    Raises Forbidden, and Invalid (field ``password``) with what is wrong with it.
    """
    # Who sets a password signs in with it, so nobody sets one that opens more than they have.
    gives = roles.permissions_of(user.roles.all())
    is_managed = policy.can_manage_agents(actor) and policy.can_grant(actor, gives)
    if actor.user_id != user.pk and not is_managed:
        raise Forbidden(_("You may not change this password."))
    store_password(actor, user, hash_password(password, user))


@action
def store_password(actor: Actor, user: User, hashed: str) -> None:
    """The quick half of `set_password`, for whoever asked the question of rights already."""
    current: User = locked(user)
    current.password = hashed
    current.session_epoch += 1
    current.save(update_fields=["password", "session_epoch"])
    doubt_rights(current.person_id)
    SignInLink.objects.filter(user=user, used_at=None).update(used_at=timezone.now())
    record(actor, UserPasswordChanged(user.person_id, user.pk))
    copy_values(current, user, ["password", "session_epoch"])


def _one_of(field: str, *allowed: str) -> values.Cleaner:
    def clean(value: Any) -> str:
        if value not in allowed:
            words = _("This is no possible value.")
            raise Invalid(words, fields={field: words})
        return str(value)

    return clean


_CLEANERS: dict[str, values.Cleaner] = {
    "language": values.language,
    "time_zone": values.time_zone,
    "theme": _one_of("theme", "", "light", "dark"),
    "density": _one_of("density", "", "compact", "roomy"),
    "has_toured": bool,
}


@action
def change_preferences(actor: Actor, user: User, **changes: Any) -> User:
    """Change one's own language, time_zone, theme, density or has_toured."""
    if actor.user_id != user.pk:
        raise Forbidden(_("Preferences belong to the person who signs in."))
    cleaned = values.clean_changes(changes, _CLEANERS)
    current: User = locked(user)
    wanted = differing(current, cleaned)
    if wanted:
        for name, value in wanted.items():
            setattr(current, name, value)
        current.save(update_fields=list(wanted))
        fields = tuple(sorted(wanted))
        record(actor, UserPreferencesChanged(user.person_id, user.pk, fields))
    copy_values(current, user, cleaned)
    return user
