"""What roles may be given here."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

HANDLE = "deliveries.handle"

register_permission(
    HANDLE,
    _("Handle deliveries"),
    _("Send again or drop what could not be sent, and say what became of uncertain ones."),
)
