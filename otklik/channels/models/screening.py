"""Who and what is kept out, and what the desk learnt about spam."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.people.models import Person
from otklik.tickets.models import Ticket


class AutomaticAnswer(models.Model):
    """One letter the desk sent by itself: counted, so that two machines do not talk for ever.

    ``postbox`` is a hash: who it was is nobody's business here.
    """

    account_id = models.BigIntegerField(null=True)
    postbox = models.CharField(max_length=16)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "automatic answer"
        indexes = [
            models.Index(fields=["postbox", "-sent_at"], name="channels_answers_to"),
            models.Index(fields=["sent_at"], name="channels_answers_old"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} → {self.postbox}"


class BlockedSender(models.Model):
    """An address, or a domain with everything below it, from which nothing is taken."""

    pattern = models.CharField(max_length=320, unique=True)
    note = models.CharField(max_length=200, blank=True, default="")
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "blocked sender"
        ordering = ["pattern"]

    def __str__(self) -> str:
        return self.pattern


class SpamVerdict(models.Model):
    """What the screeners said of a ticket's first message, and why.

    ``reasons`` is a list of {"kind": "words", "words": […]}, {"kind": "filter", "name", "score"} or
    {"kind": "list", "name"}; screeners of others bring their own kind with a "text".
    """

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="+")
    is_spam = models.BooleanField()
    score = models.FloatField(default=0.0)  # 0 to 1
    reasons = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.score:.2f}"


class SpamWord(models.Model):
    """In how many letters called spam, and in how many others, one word stood.

    ``word`` is a hash of the stem: no text of anybody is kept. 0 counts the letters themselves.
    """

    word = models.BigIntegerField(primary_key=True)
    spam = models.PositiveIntegerField(default=0)
    other = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.word}: {self.spam}/{self.other}"


class SpamLesson(models.Model):
    """What was learnt from one ticket, so that a change of mind can be unlearnt exactly."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="+")
    is_spam = models.BooleanField()
    words = models.JSONField(default=list)
    learnt_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.ticket_id}: {'spam' if self.is_spam else 'no spam'}"
