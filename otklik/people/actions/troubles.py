"""Addresses to which letters do not arrive."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.kit.text import clean_line
from otklik.people import policy
from otklik.people.events import IdentityReachable, IdentityUnreachable
from otklik.people.models import Identity, Trouble


@action
def note_trouble(actor: Actor, identity: Identity, trouble: Trouble, detail: str = "") -> None:
    """Note why a letter to this address did not arrive. Only the desk itself knows. A complaint
    outweighs what servers say; everything else is replaced by the newest. Raises Forbidden."""
    if actor.kind is not ActorKind.SYSTEM:
        raise Forbidden(_("You may not change customers."))
    weaker = Identity.objects.filter(pk=identity.pk)
    if trouble != Trouble.COMPLAINT:
        weaker = weaker.exclude(trouble=Trouble.COMPLAINT)
    changed = weaker.update(
        trouble=trouble, trouble_at=timezone.now(), trouble_detail=clean_line(detail, 300)
    )
    if changed:
        record(actor, IdentityUnreachable(identity.person_id, identity.pk, trouble.value))


@action
def forget_trouble(actor: Actor, identity: Identity) -> None:
    """Letters may go there again: they wrote, a letter arrived, or an agent knows better.

    Raises Forbidden.
    """
    if not policy.can_change_people(actor) and actor.kind is not ActorKind.SYSTEM:
        raise Forbidden(_("You may not change customers."))
    changed = (
        Identity.objects.filter(pk=identity.pk)
        .exclude(trouble="")
        .update(trouble="", trouble_at=None, trouble_detail="")
    )
    identity.trouble, identity.trouble_at, identity.trouble_detail = "", None, ""
    if changed:
        record(actor, IdentityReachable(identity.person_id, identity.pk))
