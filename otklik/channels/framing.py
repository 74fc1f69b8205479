"""Letters to others than the customer: a third party's, and notes for colleagues who are guests.

They hold nothing of the brand's frame for customers: its address of the portal opens nothing to
them, and they are told who they write with.
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from otklik.kit.html import text_to_html, without_references
from otklik.tickets.models import Message, MessageKind


def framed_apart(message: Message, signature: str, language: str) -> tuple[str, str]:
    """Text and HTML of the letter."""
    body = message.body
    foot = signature
    if message.kind == MessageKind.NOTE:
        with translation.override(language):
            foot = "\n".join(
                [
                    message.author.name if message.author else "",
                    _(
                        "A note on request No. %(number)d. Your answer becomes a note for the "
                        "staff; the customer sees neither."
                    )
                    % {"number": message.ticket.number},
                ]
            )
    text = f"{body.text}\n\n{foot}".strip()
    words = without_references(body.html) if body.html else text_to_html(body.text)
    return text, f"{words}{text_to_html(foot)}" if foot else words
