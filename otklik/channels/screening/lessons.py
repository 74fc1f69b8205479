"""What agents' marks teach: counted in jobs, unlearnt exactly when somebody changes their mind."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from otklik.channels.models import SpamLesson, SpamWord
from otklik.channels.screening.words import TOTALS, Counts, read_words
from otklik.core.db import write
from otklik.core.jobs import task
from otklik.tickets.models import Message, Ticket

_BATCH = 100


@task(name="channels.learn_spam", unique=True)
def learn_spam(*, ticket_id: int) -> None:
    """Let one ticket's first message teach what it is called now. Safe to repeat."""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None:
        return
    is_spam = ticket.spam_at is not None
    known = SpamLesson.objects.filter(ticket=ticket).first()
    if known is not None and known.is_spam == is_spam:
        return
    words = sorted(known.words if known is not None else read_ticket(ticket))
    with write():
        # Once only, however many of these run: the lesson is the turn.
        row, is_new = SpamLesson.objects.select_for_update().get_or_create(
            ticket=ticket, defaults={"is_spam": is_spam, "words": words}
        )
        if not is_new:
            if row.is_spam == is_spam:
                return
            row.is_spam = is_spam
            row.save(update_fields=["is_spam"])
            _count([TOTALS, *row.words], is_spam=not is_spam, step=-1)
        _count([TOTALS, *row.words], is_spam=is_spam, step=1)


def read_ticket(ticket: Ticket) -> dict[int, str]:
    """The words of what opened a ticket."""
    first = Message.objects.filter(ticket=ticket, direction="in").select_related("body")
    message = first.select_related("author_identity").order_by("id").first()
    if message is None:
        return {}
    sender = message.author_identity.value if message.author_identity else ""
    text = message.body.reply_text or message.body.text
    return read_words(message.body.subject or ticket.subject, text, sender)


def find_counts(words: Iterable[int]) -> dict[int, Counts]:
    rows = SpamWord.objects.filter(word__in=list(words))
    return {
        word: Counts(spam, other) for word, spam, other in rows.values_list("word", "spam", "other")
    }


def count_letters() -> Counts:
    """How many letters of each kind were learnt from."""
    return find_counts([TOTALS]).get(TOTALS, Counts())


def _count(words: list[int], *, is_spam: bool, step: int) -> None:
    """In ascending order: two lessons at once wait for one another, they do not lock each other."""
    column = "spam" if is_spam else "other"
    words = sorted(words)
    if step > 0:
        SpamWord.objects.bulk_create(
            (SpamWord(word=word) for word in words), ignore_conflicts=True, batch_size=_BATCH
        )
    rows = SpamWord.objects.filter(word__in=words)
    if step < 0:
        rows = rows.filter(**{f"{column}__gt": 0})
    list(SpamWord.objects.select_for_update().filter(word__in=words).order_by("word"))
    rows.update(**{column: F(column) + step})
