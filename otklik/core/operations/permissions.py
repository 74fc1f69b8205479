"""What roles may be given here."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

UNDO = "operations.undo"

register_permission(
    UNDO,
    _("Undo other people's changes"),
    _("Everybody may undo what they did themselves."),
)
