"""The one who hears, with the rights of this moment."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import NOBODY, Actor, Missing
from otklik.people.actors import actor_for_user
from otklik.people.models import User


def actor_of_person(person_id: int) -> Actor:
    """NOBODY for who cannot sign in any more."""
    users = User.objects.select_related("person__agent").filter(person_id=person_id)
    user = users.first()
    return actor_for_user(user) if user is not None else NOBODY


def own_person(actor: Actor) -> int:
    """The id of an agent's own person. Raises Missing for anybody else."""
    if actor.person_id is None or not actor.is_staff:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return actor.person_id
