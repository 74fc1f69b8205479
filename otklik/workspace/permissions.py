"""What this room asks leave for."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

MANAGE_CANNED = "canned_replies.manage"
MANAGE_MACROS = "macros.manage"
SHARE_VIEWS = "views.share"


def register() -> None:
    register_permission(MANAGE_CANNED, _("Write canned replies for teams and everybody"))
    register_permission(MANAGE_MACROS, _("Write macros and scripts for teams and everybody"))
    register_permission(SHARE_VIEWS, _("Share views with teams and roles"))
