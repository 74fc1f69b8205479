"""What this room asks leave for."""

from django.utils.translation import gettext_lazy as _

from otklik.core.access import register_permission

VIEW = "tickets.view"
VIEW_TEAM = "tickets.view_team"
OPEN = "tickets.open"
REPLY = "tickets.reply"
NOTE = "tickets.note"
ASSIGN = "tickets.assign"
CHANGE = "tickets.change"
TRASH = "tickets.trash"
BULK = "tickets.bulk"
MANAGE = "tickets.manage"
REVIEW = "tickets.review"
OVERRIDE = "tickets.override_checklists"


def register() -> None:
    register_permission(VIEW, _("See all tickets"))
    register_permission(VIEW_TEAM, _("See tickets of own teams and unassigned ones"))
    register_permission(OPEN, _("Open tickets for customers"))
    register_permission(REPLY, _("Reply to customers"))
    register_permission(NOTE, _("Write notes"))
    register_permission(ASSIGN, _("Assign and transfer tickets"))
    register_permission(CHANGE, _("Change status and fields"))
    register_permission(TRASH, _("Put tickets in the trash and restore them"))
    register_permission(REVIEW, _("Approve replies of trainees in the mentor's place"))
    register_permission(BULK, _("Change many tickets at once"))
    register_permission(MANAGE, _("Manage statuses, categories and tags"))
    register_permission(OVERRIDE, _("Solve tickets whose required checklist is not done"))
