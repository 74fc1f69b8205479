"""What roles may be given here."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

MANAGE = "desk.dead_letters"

register_permission(
    MANAGE,
    _("Handle failed work"),
    _("Retry or drop background work and deliveries that failed for good."),
)
