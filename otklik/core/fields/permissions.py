"""What roles may be given here."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

MANAGE = "fields.manage"

register_permission(
    MANAGE,
    _("Manage custom fields"),
    _("Add, change and archive them; see and fill those of every team."),
)
