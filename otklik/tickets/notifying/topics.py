"""What agents can be told of about tickets. Codes never change: rows hold them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.notify.topics import Mail, Ways, register_topic

ASSIGNED = "ticket.assigned"
MENTIONED = "ticket.mentioned"
REMINDED = "ticket.reminded"
WOKEN = "ticket.woken"
FAILED = "ticket.delivery_failed"
ANSWERED = "ticket.answered"
REOPENED = "ticket.reopened"
FOLLOWED = "ticket.followed_answered"
NOTED = "ticket.noted"
REPLIED = "ticket.colleague_replied"
NEW_IN_TEAM = "ticket.new_in_team"
NEW_UNASSIGNED = "ticket.new_unassigned"

# What one answers to a letter about these goes to the customer, so never one about a note.
_OF_THE_CUSTOMER = (ASSIGNED, ANSWERED, REOPENED, FOLLOWED, NEW_IN_TEAM, NEW_UNASSIGNED)

_LOUD = Ways(screen=True, sound=True, push=True, mail=Mail.NOW)
_HEARD = Ways(screen=True, sound=True, push=True)
_SEEN = Ways(screen=True)
_NOT = Ways(screen=False)


def register() -> None:
    for order, (code, label, line, ways) in enumerate(
        (
            (MENTIONED, _("Somebody mentions me"), _("You are mentioned"), _LOUD),
            (ASSIGNED, _("A ticket is assigned to me"), _("Assigned to you"), _LOUD),
            (REMINDED, _("A reminder of mine is due"), _("Reminder"), _LOUD),
            (WOKEN, _("A snoozed ticket of mine comes back"), _("Back from snooze"), _HEARD),
            (FAILED, _("A message of mine is not delivered"), _("Not delivered"), _LOUD),
            (ANSWERED, _("A customer answers in my ticket"), _("New answer"), _HEARD),
            (REOPENED, _("A ticket of mine is reopened"), _("Reopened"), _HEARD),
            (
                FOLLOWED,
                _("A customer answers in a ticket I follow"),
                _("New answer in a ticket you follow"),
                _SEEN,
            ),
            (NOTED, _("A colleague adds a note to my ticket"), _("New note"), _SEEN),
            (REPLIED, _("A colleague replies in my ticket"), _("A colleague replied"), _SEEN),
            (NEW_IN_TEAM, _("A ticket comes to my team"), _("New for your team"), _SEEN),
            (NEW_UNASSIGNED, _("A ticket comes for nobody yet"), _("New ticket"), _NOT),
        )
    ):
        register_topic(
            code,
            label,
            line,
            ways=ways,
            order=10 * (order + 1),
            is_answerable=code in _OF_THE_CUSTOMER,
        )
