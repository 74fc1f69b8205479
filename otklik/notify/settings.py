"""What administrators decide about notifications."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.settings import register
from otklik.notify.topics import Ways, ways_from

TOPICS = "notify.topics"
KEEP_DAYS = "notify.keep_days"
MAIL_SHOWS_TEXT = "notify.mail_shows_text"
LETTER_AFTER = "notify.letter_after"
LONGEST_WAIT = 24 * 60


def register_settings() -> None:
    register(
        TOPICS,
        dict,
        {},
        gettext_lazy("How agents are told who chose nothing themselves"),
        check=_check_topics,
    )
    register(
        KEEP_DAYS,
        int,
        60,
        gettext_lazy("Days for which notifications are kept"),
        check=_check_days,
    )
    register(
        MAIL_SHOWS_TEXT,
        bool,
        True,
        gettext_lazy("Letters to agents show subjects and words of customers"),
        help=gettext_lazy("Otherwise they name the ticket's number and what happened only."),
    )
    register(
        LETTER_AFTER,
        int,
        2,
        gettext_lazy("Minutes for which a letter to an agent waits"),
        help=gettext_lazy("Who reads it on screen meanwhile gets none."),
        check=_check_minutes,
    )


def _check_topics(value: Any) -> None:
    # Codes of rooms that are away now stay as they are.
    if len(value) > 200:
        raise ValueError(_("This is no possible value."))
    for stored in value.values():
        try:
            ways_from(stored, Ways())
        except ValueError:
            raise ValueError(_("This is no possible value.")) from None


def _check_minutes(value: int) -> None:
    if not 0 <= value <= LONGEST_WAIT:
        raise ValueError(_("Between 0 minutes and a day."))


def _check_days(value: int) -> None:
    if not 1 <= value <= 3650:
        raise ValueError(_("Between 1 and 3650 days."))
