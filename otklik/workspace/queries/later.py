"""What is put off and what came back, in words."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.tickets.models import Ticket
from otklik.tickets.snoozing import UNTIL_ANSWER
from otklik.ui.templatetags.ui import moment_words

_NEWS_FOR = timedelta(days=1)  # so long it is said that a ticket came back
_TOLD = ("due", "assigned")  # an answer and a hand show by themselves


def snoozed_words(ticket: Ticket) -> str:
    """ "tomorrow, 09:00", or that an answer is waited for; "" for one that is awake."""
    until = ticket.snoozed_until
    if until is None:
        return ""
    if until >= UNTIL_ANSWER:
        return _("until the customer answers")
    return _("until %(time)s") % {"time": moment_words(timezone.localtime(until))}


def is_back(ticket: Ticket) -> bool:
    """Whether it came back by itself not long ago and nobody wrote since."""
    at = ticket.woken_at
    if at is None or ticket.snoozed_until is not None or not ticket.is_unfinished:
        return False
    is_news = at > timezone.now() - _NEWS_FOR and at >= ticket.last_message_at
    return is_news and ticket.woken_why in _TOLD


def woken_words(ticket: Ticket) -> str:
    if not is_back(ticket):
        return ""
    if ticket.woken_why == "assigned":
        return _("is back for its new assignee")
    return _("is back: its time has come")
