"""What this room asks leave for."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

BLOCK = "channels.block"


def register() -> None:
    register_permission(BLOCK, _("Block senders"))
