"""Checklists: templates, those of tickets, and their items."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.vocabulary.tongues import words_now
from otklik.people.models import Person, Team
from otklik.tickets.models.ticket import Ticket


class ChecklistTemplate(models.Model):
    """``items`` is [{"text", "labels", "hint", "hints", "owner", "due_minutes"}]; ``owner`` is ""
    (nobody), "assignee", "team:7" or "person:7", ``due_minutes`` from when it is added, or null.
    ``labels`` and ``hints`` are {language: words}; others see the name or text, and the hint.

    Offered first for tickets of its ``kinds``, ``categories`` and ``teams`` (empty is any);
    ``is_automatic``: added to those when they are opened.
    """

    name = models.CharField(max_length=100)
    labels = models.JSONField(null=True, default=dict)
    hint = models.CharField(max_length=300, blank=True, default="")
    hints = models.JSONField(null=True, default=dict)
    items = models.JSONField(default=list)
    is_required = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False)
    kinds = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    teams = models.JSONField(default=list)
    archived_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "checklist template"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def label_now(self) -> str:
        """In the language that is active."""
        return words_now(self.labels, self.name)

    def hint_now(self) -> str:
        return words_now(self.hints, self.hint)

    def fits(self, ticket: Ticket) -> bool:
        return (
            (not self.kinds or ticket.kind in self.kinds)
            and (not self.categories or ticket.category_id in self.categories)
            and (not self.teams or ticket.team_id in self.teams)
        )


class Checklist(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    template = models.ForeignKey(
        ChecklistTemplate, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=100)
    labels = models.JSONField(null=True, default=dict)  # {language: words}; others see the name
    is_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "checklist"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def label_now(self) -> str:
        """In the language that is active."""
        return words_now(self.labels, self.name)


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def standing(self) -> ChecklistItemQuerySet:
        return self.filter(removed_at__isnull=True, checklist__removed_at__isnull=True)

    def visible_to(self, actor: Actor) -> ChecklistItemQuerySet:
        """For staff, of tickets they see."""
        if not actor.is_staff:
            return self.none()
        return self.filter(checklist__ticket__in=Ticket.objects.visible_to(actor))


class ChecklistItem(models.Model):
    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="+")
    text = models.CharField(max_length=300)
    labels = models.JSONField(null=True, default=dict)  # {language: words}; others see the text
    hint = models.CharField(max_length=300, blank=True, default="")
    hints = models.JSONField(null=True, default=dict)
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+", db_index=False)
    due_at = models.DateTimeField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    removed_at = models.DateTimeField(null=True)

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        verbose_name = "checklist item"
        ordering = ["position", "id"]
        indexes = [
            models.Index(
                fields=["owner", "due_at", "id"],
                name="tickets_items_of_person",
                condition=models.Q(done_at__isnull=True, removed_at__isnull=True),
            ),
            models.Index(
                fields=["team", "due_at", "id"],
                name="tickets_items_of_team",
                condition=models.Q(done_at__isnull=True, removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def label_now(self) -> str:
        """In the language that is active."""
        return words_now(self.labels, self.text)

    def hint_now(self) -> str:
        return words_now(self.hints, self.hint)
