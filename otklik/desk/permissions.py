"""What this room asks leave for."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

MANAGE = "desk.manage"
MANAGE_ACCOUNTS = "desk.accounts"


def register() -> None:
    register_permission(MANAGE, _("Manage brands, calendars and texts"))
    register_permission(MANAGE_ACCOUNTS, _("Manage mailboxes and other accounts"))
