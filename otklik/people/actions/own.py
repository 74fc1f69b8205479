"""What somebody does to the account they are signed in with."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.people import limits
from otklik.people.actions.users import set_password
from otklik.people.models import User


def change_own_password(actor: Actor, user: User, *, current: str, password: str) -> None:
    """Give oneself a new password, knowing the present one. Ends every other session.

    Raises Forbidden for another's account, Invalid (field ``current`` or ``password``), and
    TooManyTries for who guesses: whoever sits down at an open screen must not own the account.
    """
    if actor.user_id != user.pk:
        raise Forbidden(_("You may not change this password."))
    limits.demand_room(limits.FAILURES_OF_ADDRESS_FROM_PLACE, user.email, "own")
    if not check_password(current, user.password):
        limits.count_try(limits.FAILURES_OF_ADDRESS_FROM_PLACE, user.email, "own")
        words = _("This is not your present password.")
        raise Invalid(words, fields={"current": words})
    set_password(actor, user, password)
    limits.forget_tries(limits.FAILURES_OF_ADDRESS_FROM_PLACE, user.email, "own")
