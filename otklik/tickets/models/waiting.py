"""What is written and has not left: replies that wait, drafts handed over, habits of sending."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from otklik.people.models import Agent, Person
from otklik.tickets.models.message import Message, MessageKind, Thread
from otklik.tickets.models.ticket import Ticket


class WaitingState(models.TextChoices):
    WAITING = "waiting"  # leaves by itself when it is due
    HELD = "held"  # something came in between: its author decides
    REVIEW = "review"  # a mentor decides
    SENT = "sent"
    CANCELLED = "cancelled"  # undone, dropped or returned: its words are a draft again


# What is not over yet; of the rest only that it was remains, for a day.
PRESENT = (WaitingState.WAITING, WaitingState.HELD, WaitingState.REVIEW)


class WaitingWhy(models.TextChoices):
    UNDO = "undo"
    LATER = "later"
    REVIEW = "review"


class WaitingReply(models.Model):
    """A reply as it was typed, until it leaves. No message yet: nobody outside, no rule, no clock
    and no search knows of it.

    ``recipients`` is {"to": [...], "cc": [...], "bcc": [...]} of typed addresses, ``uploads`` are
    tokens of `Upload`. ``status`` is a kind of status or the id of one, "" for none;
    ``despite_…`` says what its author knew to be open when solving.
    ``seen_message_id`` is the last message of the ticket when it was sent off: what came later
    crosses it, unless ``goes_anyway``.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+")
    author = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=WaitingState, default=WaitingState.WAITING)
    why = models.CharField(max_length=8, choices=WaitingWhy)
    subject = models.CharField(max_length=300, blank=True, default="")
    html = models.TextField(blank=True, default="")
    is_rich = models.BooleanField(default=True)
    recipients: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    uploads: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    status = models.CharField(max_length=20, blank=True, default="")
    despite_checklists = models.BooleanField(default=False, db_default=False)
    despite_parts = models.BooleanField(default=False, db_default=False)
    seen_message_id = models.BigIntegerField(default=0)
    goes_anyway = models.BooleanField(default=False)
    client_key = models.UUIDField(unique=True)
    due_at = models.DateTimeField(null=True)
    held_for = models.CharField(max_length=20, blank=True, default="")  # crossing, refused
    held_words = models.CharField(max_length=500, blank=True, default="")
    reviewer = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    comment = models.TextField(blank=True, default="")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "waiting reply"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state=WaitingState.WAITING),
                name="tickets_waiting_due",
            ),
            models.Index(fields=["author", "state"], name="tickets_waiting_of"),
            models.Index(fields=["state", "created_at"], name="tickets_waiting_by_state"),
        ]

    def __str__(self) -> str:
        return f"reply of {self.author_id} that waits in {self.ticket_id}"


class SendingHabit(models.Model):
    """How somebody likes to send. No fact: no event."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    undo_seconds = models.PositiveSmallIntegerField(default=10)
    after_sending = models.CharField(max_length=8, default="stay")  # stay, next, list
    last_status = models.CharField(max_length=20, blank=True, default="")

    def __str__(self) -> str:
        return f"how {self.person_id} sends"


class ReviewScope(models.TextChoices):
    """Which replies of a trainee wait for the mentor."""

    ALL = "all"
    FIRST = "first"  # the first one in each ticket
    SOLVING = "solving"  # those that solve or close


class Traineeship(models.Model):
    """An agent whose replies wait for a mentor."""

    agent = models.OneToOneField(Agent, models.CASCADE, primary_key=True, related_name="+")
    mentor = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    scope = models.CharField(max_length=8, choices=ReviewScope, default=ReviewScope.ALL)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.agent_id} learns from {self.mentor_id}"


class HandoverState(models.TextChoices):
    GIVEN = "given"
    TAKEN = "taken"
    RETURNED = "returned"


class DraftHandover(models.Model):
    """A draft given to a colleague: its words are here until they make it a draft of theirs."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=MessageKind, default=MessageKind.PUBLIC)
    giver = models.ForeignKey(Person, models.CASCADE, related_name="+")
    receiver = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=HandoverState, default=HandoverState.GIVEN)
    html = models.TextField(blank=True, default="")
    recipients: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    uploads: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    seen_message_id = models.BigIntegerField(default=0)
    comment = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "draft handed over"
        indexes = [
            models.Index(fields=["receiver", "state"], name="tickets_drafts_given"),
            models.Index(fields=["ticket", "state"], name="tickets_drafts_of_ticket"),
        ]

    def __str__(self) -> str:
        return f"draft in {self.ticket_id} given to {self.receiver_id}"


class NoteGuest(models.Model):
    """A colleague without an agent's seat who takes part in the notes of one ticket, by mail.

    They get what is written for them after ``created_at`` and nothing else; ``revoked_at`` ends it.
    """

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+", db_index=False)
    identity = models.ForeignKey("people.Identity", models.CASCADE, related_name="+")
    invited_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "guest"
        constraints = [
            models.UniqueConstraint(fields=["thread", "identity"], name="tickets_guest_once")
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} in the notes of {self.thread_id}"
