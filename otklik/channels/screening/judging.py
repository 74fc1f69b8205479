"""Whether a new ticket is spam: words, filters in front of the desk, DNS lists."""

from __future__ import annotations

import time
from typing import Any

import structlog

from otklik.channels.models import SpamVerdict
from otklik.channels.screening.lessons import count_letters, find_counts
from otklik.channels.screening.words import LEAST, Counts, guess, read_words
from otklik.core.access import SYSTEM, Actor
from otklik.core.db import write
from otklik.core.settings import get
from otklik.tickets.actions import mark_as_spam
from otklik.tickets.models import Message, Ticket

logger = structlog.get_logger(__name__)

WORDS = "screening.words"
_FRESH = 15.0  # seconds the totals and the setting are remembered
_remembered: dict[str, tuple[float, Any]] = {}


def judge_ticket(ticket: Ticket, message: Message, *, actor: Actor = SYSTEM) -> bool:
    """Put a new ticket into the list of spam when its screeners say so; True when they did.

    Somebody whom the desk has answered before is not judged by words. Safe to repeat: what an
    agent has decided since is left alone.
    """
    told = message.body.authentication
    reasons = [*_filters(told), *_lists(told)]
    score = 1.0 if reasons else 0.0
    guessed = None if reasons else _guess(ticket, message)
    if guessed is not None:
        score, words = guessed
        if words:
            reasons.append({"kind": "words", "words": words})
    if not reasons:
        return False
    with write():
        _row, is_new = SpamVerdict.objects.get_or_create(
            ticket=ticket, defaults={"is_spam": True, "score": round(score, 4), "reasons": reasons}
        )
        if not is_new:
            return False
        mark_as_spam(actor, ticket)
    logger.info("ticket_taken_for_spam", ticket=ticket.pk, kinds=[one["kind"] for one in reasons])
    return True


def forget() -> None:
    """Ask anew at once: a setting or the lessons changed."""
    _remembered.clear()


def _filters(told: dict[str, str]) -> list[dict[str, Any]]:
    if told.get("filter") != "spam":
        return []
    name, score = told.get("filter_name", ""), told.get("filter_score", "")
    return [{"kind": "filter", "name": name, "score": score}]


def _lists(told: dict[str, str]) -> list[dict[str, Any]]:
    return [{"kind": "list", "name": name} for name in told.get("dns_lists", "").split() if name]


def _guess(ticket: Ticket, message: Message) -> tuple[float, list[str]] | None:
    letters = _remember("letters", count_letters)
    if min(letters.spam, letters.other) < LEAST or not _remember("words", lambda: get(WORDS)):
        return None
    if _was_answered(ticket):
        return None
    sender = message.author_identity.value if message.author_identity else ""
    body = message.body
    words = read_words(body.subject or ticket.subject, body.reply_text or body.text, sender)
    found = guess(words, find_counts(words), Counts(letters.spam, letters.other))
    return (found.score, list(found.words)) if found is not None and found.is_spam else None


def _was_answered(ticket: Ticket) -> bool:
    """Whether an agent has written to this person before."""
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
