"""The ticket: one unit of work, and the columns by which lists find it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from otklik.desk.models import Account, Brand
from otklik.people.models import Agent, Identity, Organisation, Person, Team
from otklik.tickets.models.folding import FoldedField
from otklik.tickets.models.vocabulary_rows import Category, Kind, Priority, Status, StatusKind, Tag
from otklik.tickets.querysets import TicketQuerySet


class NumberSequence(models.Model):
    """The last ticket number given out. Numbers are never reused; gaps are allowed."""

    name = models.CharField(max_length=20, primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class Ticket(models.Model):
    """One unit of work.

    The columns after ``version`` serve lists. They are written by `tickets.columns` alone and can
    be rebuilt from threads, messages and events (`otklik rebuild tickets`).
    """

    number = models.BigIntegerField(unique=True)
    subject = models.CharField(max_length=300, blank=True, default="")
    # As texts are compared, for queries by its words.
    subject_key = FoldedField(of="subject", max_length=300, null=True)
    status = models.ForeignKey(Status, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.QUESTION)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="+")
    requester = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    # The address by which the requester asked: who proves it may read the ticket.
    requester_identity = models.ForeignKey(
        Identity, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    category = models.ForeignKey(Category, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=10, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    follow_up_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    tags: models.ManyToManyField[Tag, Any] = models.ManyToManyField(
        Tag, through="TicketTag", related_name="+"
    )
    followers: models.ManyToManyField[Person, Any] = models.ManyToManyField(
        Person, through="Follower", related_name="+"
    )
    origin = models.CharField(max_length=8, default="live")
    client_key = models.UUIDField(null=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)
    # Found or called spam: in no list but the one of spam, answered by nobody by itself.
    spam_at = models.DateTimeField(null=True)
    # A court or a dispute wants it kept: neither purged nor forgotten by the clock meanwhile.
    legal_hold_since = models.DateTimeField(null=True)
    files_erased_at = models.DateTimeField(null=True)  # raw originals too: the files are in them
    texts_erased_at = models.DateTimeField(null=True)
    # It was one matter with another ticket, which holds its threads since (`tickets.homes`).
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    merged_at = models.DateTimeField(null=True)
    # It goes for good, a step at a time; nothing brings it back.
    purging_since = models.DateTimeField(null=True)
    # Put off: in no list of open tickets until then, or until the customer answers. Far ahead
    # (`snoozing.UNTIL_ANSWER`) when nothing but an answer brings it back.
    snoozed_until = models.DateTimeField(null=True)
    # When and why it came back last: due, answer, assigned, hand, finished, undo, merged.
    woken_at = models.DateTimeField(null=True)
    woken_why = models.CharField(max_length=10, null=True)

    # Values of custom fields by key; `core.fields` alone writes them.
    custom = models.JSONField(null=True)

    version = models.PositiveIntegerField(default=1)
    status_kind = models.CharField(max_length=10, choices=StatusKind, default=StatusKind.NEW)
    # Wants work now: neither solved, closed, spam, snoozed nor in the trash. A column, for the
    # indexes below.
    is_unfinished = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=timezone.now)
    last_channel = models.CharField(max_length=30, blank=True, default="")
    last_message_at = models.DateTimeField(default=timezone.now)
    last_message_by = models.CharField(max_length=10, blank=True, default="")  # customer, agent…
    snippet = models.CharField(max_length=200, blank=True, default="")
    waiting_since = models.DateTimeField(null=True)  # since when the customer waits for us
    next_due_at = models.DateTimeField(null=True)
    message_count = models.PositiveIntegerField(default=0)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "ticket"
        # Each common list walks one of these in its default order and stops after a page. The
        # conditions name no values: SQLite proves a partial index only for terms without any.
        indexes = [
            models.Index(
                fields=["assignee", "-last_message_at", "-id"],
                name="tickets_mine",
                condition=models.Q(is_unfinished=True),
            ),
            models.Index(
                fields=["-last_message_at", "-id"],
                name="tickets_unassigned",
                condition=models.Q(is_unfinished=True, assignee__isnull=True),
            ),
            models.Index(
                fields=["team", "-last_message_at", "-id"],
                name="tickets_team",
                condition=models.Q(is_unfinished=True),
            ),
            models.Index(
                fields=["-last_message_at", "-id"],
                name="tickets_unfinished",
                condition=models.Q(is_unfinished=True),
            ),
            models.Index(
                fields=["-solved_at", "-id"],
                name="tickets_solved",
                condition=models.Q(trashed_at__isnull=True, solved_at__isnull=False),
            ),
            models.Index(
                fields=["-last_message_at", "-id"],
                name="tickets_all",
                condition=models.Q(trashed_at__isnull=True),
            ),
            # The other orders, and a filter that may be rare. Without a condition, so that lists
            # of what is unfinished walk them too.
            models.Index(fields=["-created_at", "-id"], name="tickets_created"),
            models.Index(fields=["-priority", "-id"], name="tickets_priority"),
            models.Index(
                fields=["last_channel", "-last_message_at", "-id"], name="tickets_channel"
            ),
            models.Index(
                fields=["team", "-priority", "-id"],
                name="tickets_team_urgent",
                condition=models.Q(is_unfinished=True, team__isnull=False),
            ),
            models.Index(
                fields=["category", "-last_message_at", "-id"],
                name="tickets_in_category",
                condition=models.Q(category__isnull=False),
            ),
            models.Index(
                fields=["-last_message_at", "-id"],
                name="tickets_spam",
                condition=models.Q(spam_at__isnull=False),
            ),
            # What an agent who asks for the next one is given (`queries.queue`).
            models.Index(
                models.F("priority").desc(),
                Coalesce("waiting_since", "last_message_at"),
                models.F("id"),
                name="tickets_queue",
                condition=models.Q(is_unfinished=True, assignee__isnull=True),
            ),
            models.Index(
                fields=["snoozed_until", "id"],
                name="tickets_snoozed",
                condition=models.Q(snoozed_until__isnull=False),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                name="tickets_due",
                condition=models.Q(next_due_at__isnull=False),
            ),
            models.Index(fields=["requester", "-id"], name="tickets_of_person"),
            models.Index(fields=["requester_identity", "-id"], name="tickets_of_identity"),
            models.Index(fields=["organisation", "-id"], name="tickets_of_org"),
            models.Index(fields=["updated_at", "id"], name="tickets_updated"),
            # Empty once a backfill has been over them all (`folding`).
            models.Index(
                fields=["-id"],
                name="tickets_to_fold",
                condition=models.Q(subject_key__isnull=True),
            ),
            models.Index(
                fields=["brand", "closed_at", "id"],
                name="tickets_to_forget",
                condition=models.Q(closed_at__isnull=False),
            ),
            models.Index(
                fields=["trashed_at", "id"],
                name="tickets_in_trash",
                condition=models.Q(trashed_at__isnull=False),
            ),
            models.Index(
                fields=["merged_into"],
                name="tickets_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
            models.Index(
                fields=["solved_at", "id"],
                name="tickets_to_close",
                condition=models.Q(
                    solved_at__isnull=False, closed_at__isnull=True, trashed_at__isnull=True
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def is_finished(self) -> bool:
        return self.status_kind in (StatusKind.SOLVED, StatusKind.CLOSED)


class TicketTag(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    merged_from = models.BigIntegerField(null=True)  # the tag it was before that was merged

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="tickets_tag_once")]
        indexes = [
            models.Index(fields=["tag", "-ticket"], name="tickets_by_tag"),
            models.Index(
                fields=["merged_from", "id"],
                name="tickets_tag_was",
                condition=models.Q(merged_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.tag_id}"


class TicketLink(models.Model):
    """Two tickets that belong together. ``kind``: follow_up, related, split (from the later one),
    duplicate (from the copy to the original), child (from the part to the whole)."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    # Of a duplicate: it is solved and closed when its original is.
    is_followed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "other", "kind"], name="tickets_link_once")
        ]
        indexes = [models.Index(fields=["other"], name="tickets_link_back")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind} {self.other_id}"


class Follower(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "person"], name="tickets_follow_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.ticket_id}"


class ReadMark(models.Model):
    """Up to which message a person has read a ticket. No fact: no event, no version."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    message_id = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "person"], name="tickets_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.ticket_id}"
