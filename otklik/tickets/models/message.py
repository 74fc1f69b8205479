"""What is said: threads, their participants, messages, bodies and files."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone

from otklik.core.files.models import Blob
from otklik.desk.models import Account
from otklik.people.models import Identity, Person
from otklik.tickets.models.ticket import Ticket


class Audience(models.TextChoices):
    """Who sees a thread: the requester alone, its members, or staff only."""

    REQUESTER = "requester"
    MEMBERS = "members"
    STAFF = "staff"


class Thread(models.Model):
    """One talk of a ticket through one account with given members."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="threads")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=30)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    subject = models.CharField(max_length=300, blank=True, default="")
    is_main = models.BooleanField(default=True)
    # The ticket it was merged from, which stays its home: who may read it is decided there.
    came_from = models.ForeignKey(
        Ticket, models.RESTRICT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "thread"
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(is_main=True), name="tickets_main_thread"
            )
        ]
        indexes = [
            models.Index(
                fields=["came_from"],
                name="tickets_came_from",
                condition=models.Q(came_from__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"thread {self.pk} of {self.ticket_id}"


class ParticipantRole(models.TextChoices):
    REQUESTER = "requester"
    CC = "cc"
    AGENT = "agent"
    STRANGER = "stranger"  # holds an id or token, but nobody let them in: staff sees, they don't


class Participant(models.Model):
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="participants", db_index=False)
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="+", db_index=False)
    role = models.CharField(max_length=10, choices=ParticipantRole)
    # Until confirmed a participant is shown to staff, but neither mailed nor let in.
    is_confirmed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "identity"], name="tickets_participant_once")
        ]
        indexes = [models.Index(fields=["identity"], name="tickets_participating")]

    def __str__(self) -> str:
        return f"{self.identity_id} in {self.thread_id}"


class MessageKind(models.TextChoices):
    """``side`` is what is said with a third party, in a thread of its own for staff: whoever asks
    for what is public never gets it."""

    PUBLIC = "public"
    NOTE = "note"
    SIDE = "side"


class Direction(models.TextChoices):
    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class DeliveryState(models.TextChoices):
    """Where an outgoing message is; empty for what is not sent."""

    NONE = ""
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    TRAY = "tray"


class Message(models.Model):
    """One message or note, narrow; its texts are in `MessageBody`.

    ``external_hash`` is the first 16 hex digits of the external id's SHA-256, for the index:
    Message-IDs may be 998 bytes long. ``is_hidden`` is what a stranger wrote until an agent
    confirms them: staff sees it, nobody else.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=MessageKind, default=MessageKind.PUBLIC)
    direction = models.CharField(max_length=8, choices=Direction)
    author_kind = models.CharField(max_length=12)  # customer, agent, system, bot…
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    author_identity = models.ForeignKey(Identity, models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=30)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    external_id = models.CharField(max_length=998, blank=True, default="")
    external_hash = models.CharField(max_length=16, blank=True, default="")
    is_automatic = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False)
    automation = models.CharField(max_length=14, blank=True, default="")
    delivery_state = models.CharField(
        max_length=10, choices=DeliveryState, blank=True, default=DeliveryState.NONE
    )
    delivery_error = models.CharField(max_length=500, blank=True, default="")
    client_key = models.UUIDField(null=True, unique=True)
    pinned_at = models.DateTimeField(null=True)  # kept in sight at the top of the ticket
    sent_at = models.DateTimeField(null=True)  # as the source claims
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "message"
        indexes = [
            models.Index(fields=["ticket", "id"], name="tickets_messages"),
            models.Index(fields=["external_hash"], name="tickets_external"),
            models.Index(
                fields=["ticket", "id"],
                name="tickets_pinned",
                condition=models.Q(pinned_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageBody(models.Model):
    """The texts of a message. ``html`` is sanitised by the version named beside it.

    ``addresses`` is {"from": …, "to": […], "cc": […], "bcc": […]}, each {"address", "name"}: as
    written in the message, for showing; the people are identities and participants.
    ``reading`` is what the reader of its channel found beside the words: {"protection": …,
    "invitation": …, "notes": [...]}; None for most messages.
    """

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="body")
    subject = models.CharField(max_length=998, blank=True, default="")
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    reply_text = models.TextField(blank=True, default="")
    sanitiser_version = models.PositiveSmallIntegerField(default=0)
    addresses = models.JSONField(default=dict)
    authentication = models.JSONField(default=dict)
    reading = models.JSONField(null=True)
    raw = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"body of {self.message_id}"


def make_token() -> str:
    """22 characters nobody guesses, for addresses of files."""
    return secrets.token_urlsafe(16)


class Attachment(models.Model):
    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    token = models.CharField(max_length=32, unique=True, default=make_token)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.BigIntegerField()
    content_id = models.CharField(max_length=255, blank=True, default="")
    is_inline = models.BooleanField(default=False)

    class Meta:
        verbose_name = "attachment"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file somebody added before the message is sent; unused ones go after a day."""

    token = models.CharField(max_length=32, unique=True, default=make_token)
    owner = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.BigIntegerField()
    is_inline = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "upload"
        indexes = [models.Index(fields=["created_at"], name="tickets_old_uploads")]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What an agent is writing, saved as they type. No fact: no event."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=MessageKind, default=MessageKind.PUBLIC)
    html = models.TextField(blank=True, default="")
    recipients = models.JSONField(default=dict)  # {"to": [...], "cc": [...], "bcc": [...]}
    uploads = models.JSONField(default=list)  # upload tokens
    # The last message the writer had seen: a reply that crosses a newer one is shown first.
    seen_message_id = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "author", "kind"], name="tickets_draft_once")
        ]

    def __str__(self) -> str:
        return f"draft of {self.author_id} in {self.ticket_id}"
