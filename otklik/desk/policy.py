"""Who may furnish the desk. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden
from otklik.desk.permissions import MANAGE, MANAGE_ACCOUNTS


def can_manage(actor: Actor) -> bool:
    return actor.can(MANAGE)


def can_manage_accounts(actor: Actor) -> bool:
    return actor.can(MANAGE_ACCOUNTS)


def demand_manage(actor: Actor) -> None:
    if not can_manage(actor):
        raise Forbidden(_("Only an administrator may change this."))


def demand_manage_accounts(actor: Actor) -> None:
    if not can_manage_accounts(actor):
        raise Forbidden(_("Only an administrator may change mailboxes."))
