"""The tour: what a new agent is shown on their own desk, step by step. It can be left."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Step:
    """``anchor`` is a CSS selector of what the step speaks of; where nothing of it is in sight, on
    a phone for instance, the step is left out. ``opens`` clicks that first, and waits for it.
    ``touched`` is said in place of ``text`` where there are no keys to press."""

    anchor: str
    title: str | Promise
    text: str | Promise
    opens: str = ""
    touched: str | Promise = ""


STEPS = (
    Step(
        "#nav-lists",
        _("Your lists"),
        _("Begin with Mine. When it is empty, look what has no assignee yet."),
    ),
    Step(
        "[data-next-ticket]",
        _("Or let the desk choose"),
        _("It hands you the most urgent ticket that you may take, and nobody else gets the same."),
    ),
    Step(
        "#rows",
        _("What waits"),
        _("Bold is unread. J and K go down and up, Enter opens, X selects several at once."),
        touched=_("Bold is unread. Press a ticket to open it; the arrow at its top leads back."),
    ),
    Step(
        "#timeline",
        _("The talk"),
        _("What the customer wrote, your replies, and yellow notes that only colleagues see."),
        opens="#rows [data-row]",
    ),
    Step(
        "#composer",
        _("Your answer"),
        _(
            "R replies, N writes a note. Drafts are kept as "
            "you type, and a sent reply says how it fared."
        ),
        touched=_(
            "Press here to reply; the lock is a note for colleagues, the paper clip a photo. "
            "Drafts are kept as you type, and a sent reply says how it fared."
        ),
    ),
    Step(
        "#properties",
        _("Who asks, and about what"),
        _(
            "The person with all their earlier tickets, and "
            "what this one is: assignee, priority, tags."
        ),
    ),
    Step(
        "[data-palette]",
        _("Anything else"),
        _(
            "Ctrl K finds any ticket, person, setting or act "
            "by a few letters. The key ? lists all keys."
        ),
        touched=_("Search finds any ticket, person, setting or act by a few letters."),
    ),
    Step(
        ".nav-me",
        _("Yours"),
        _("Language, appearance, notifications, help, and this tour again. That is all."),
    ),
)
