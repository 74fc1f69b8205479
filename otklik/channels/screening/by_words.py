"""The screener that learns: what agents called spam, by words."""

from __future__ import annotations

import time
from typing import Any

from otklik.channels.screening.lessons import count_letters, find_counts
from otklik.channels.screening.screeners import Finding
from otklik.channels.screening.words import LEAST, Counts, guess, read_words
from otklik.core.settings import get
from otklik.tickets.models import Message, Ticket

WORDS = "screening.words"
_FRESH = 15.0  # seconds the totals and the setting are remembered
_remembered: dict[str, tuple[float, Any]] = {}


def look_at_words(ticket: Ticket, message: Message) -> Finding | None:
    """Spam when its words are those of earlier spam. Somebody whom an agent has answered before is
    not judged."""
    letters: Counts = _remember("letters", count_letters)
    if min(letters.spam, letters.other) < LEAST or not _remember("words", lambda: get(WORDS)):
        return None
    if _was_answered(ticket):
        return None
    sender = message.author_identity.value if message.author_identity else ""
    body = message.body
    words = read_words(body.subject or ticket.subject, body.reply_text or body.text, sender)
    found = guess(words, find_counts(words), letters)
    if found is None or not found.is_spam or not found.words:
        return None
    return Finding("words", found.score, {"words": list(found.words)})


def forget() -> None:
    """Ask anew at once: a setting or the lessons changed."""
    _remembered.clear()


def _was_answered(ticket: Ticket) -> bool:
    theirs = Ticket.objects.filter(requester_id=ticket.requester_id, spam_at__isnull=True)
    earlier = list(theirs.exclude(pk=ticket.pk).order_by("-id").values_list("pk", flat=True)[:20])
    said = Message.objects.filter(ticket_id__in=earlier, direction="out", is_automatic=False)
    return bool(earlier) and said.exists()


def _remember(name: str, ask: Any) -> Any:
    at, value = _remembered.get(name, (-1e9, None))
    if time.monotonic() - at > _FRESH:
        value = ask()
        _remembered[name] = (time.monotonic(), value)
    return value
