"""How much those who ask may leave here before they send it. Staff is not counted."""

from __future__ import annotations

from django.db.models import Sum
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.settings import config
from otklik.kit.units import human_size
from otklik.people.limits import Limit, take
from otklik.tickets.models import Upload

UPLOADS_OF_PERSON = Limit("uploads-person", 100, 3600)
_FORMS = 10  # as much as so many forms may hold; what is not sent goes after a day


def demand_room(actor: Actor) -> None:
    """Before a customer's file is stored. Raises `people.limits.TooManyTries`, whose words say when
    to come back, and Invalid for more bytes than are kept for one person."""
    if actor.is_staff:
        return
    take(UPLOADS_OF_PERSON, str(actor.person_id))
    most = _FORMS * config().max_upload
    held = Upload.objects.filter(owner_id=actor.person_id).aggregate(size=Sum("size"))["size"]
    if (held or 0) >= most:
        words = _("More than %(size)s of your files came within a day. Send the next one tomorrow.")
        told = words % {"size": human_size(most)}
        raise Invalid(told, fields={"file": told})
