"""What this room asks leave for."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

VIEW = "people.view"
CHANGE = "people.change"
SET_UP = "people.settings"
MERGE = "people.merge"
VOUCH = "people.vouch"
MANAGE_AGENTS = "agents.manage"
TOKENS = "tokens.create"
EXPORT = "people.export"
ERASE = "people.erase"
LOOKS = "people.looks"


def register() -> None:
    register_permission(VIEW, _("See customers and organisations"))
    register_permission(CHANGE, _("Change customers and organisations"))
    register_permission(MERGE, _("Merge two people who are one"))
    register_permission(SET_UP, _("Set up segments and kinds of consent"))
    register_permission(VOUCH, _("Vouch for a customer's address"))
    register_permission(MANAGE_AGENTS, _("Manage agents, teams and roles"))
    register_permission(EXPORT, _("Get all that is known of a person"))
    register_permission(ERASE, _("Erase people and keep what a court wants kept"))
    register_permission(LOOKS, _("See who looked at people"))
    register_permission(TOKENS, _("Make API tokens for oneself"))
