"""Canned replies: texts with placeholders that are put into a reply by their name."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.core.db.models import SortKeyField
from otklik.core.files.models import Blob
from otklik.core.vocabulary.tongues import words_now
from otklik.kit.text import sort_key
from otklik.people.models import Person, Team
from otklik.people.models.sorting import with_sort_name
from otklik.tickets.models.message import make_token
from otklik.workspace.permissions import MANAGE_CANNED


class Scope(models.TextChoices):
    """Who is offered it."""

    PERSONAL = "personal", _("Only me")
    TEAM = "team", _("A team")
    SHARED = "shared", _("Everybody")


class CannedReplyQuerySet(models.QuerySet["CannedReply"]):
    def visible_to(self, actor: Actor) -> CannedReplyQuerySet:
        """What everybody has, one's teams' and one's own; who manages them sees every team's."""
        if not actor.is_staff:
            return self.none()
        rows = Q(scope=Scope.SHARED)
        if actor.can(MANAGE_CANNED):
            rows |= Q(scope=Scope.TEAM)
        else:
            rows |= Q(scope=Scope.TEAM, team_id__in=actor.team_ids)
        if actor.person_id is not None:
            rows |= Q(scope=Scope.PERSONAL, owner_id=actor.person_id)
        return self.filter(rows)

    def active(self) -> CannedReplyQuerySet:
        return self.filter(is_active=True)


class CannedReply(models.Model):
    """``owner`` is set on a personal one alone, ``team`` on a team's. ``uses`` and
    ``last_used_at`` count how often it was put into a text: no fact, hence without an event."""

    name = models.CharField(max_length=120)
    sort_name = SortKeyField()
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.PERSONAL)
    owner = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    hint = models.CharField(max_length=300, blank=True, default="")
    hints = models.JSONField(null=True, default=dict)  # {language: words}; others see ``hint``
    tags = models.JSONField(default=list)  # words, each once
    tag_keys = models.CharField(max_length=1000, blank=True, default="")  # as they are looked for
    is_active = models.BooleanField(default=True)
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        verbose_name = "canned reply"
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["scope", "sort_name"], name="workspace_canned_scope"),
            models.Index(fields=["owner", "sort_name"], name="workspace_canned_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **with_sort_name(kwargs))

    def hint_now(self) -> str:
        """In the language that is active."""
        return words_now(self.hints, self.hint)


class CannedText(models.Model):
    """The words in one language. ``html`` is sanitised, ``search`` how they are looked for."""

    canned = models.ForeignKey(CannedReply, models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(max_length=10)
    html = models.TextField()
    text = models.TextField()
    search = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "text of a canned reply"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["canned", "language"], name="workspace_canned_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.language} of {self.canned_id}"


class CannedFile(models.Model):
    """A file that comes along. One that is ``is_inline`` is a picture among the words, which name
    it ``cid:<token>``."""

    canned = models.ForeignKey(CannedReply, models.CASCADE, related_name="files", db_index=False)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    token = models.CharField(max_length=32, default=make_token)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.BigIntegerField()
    is_inline = models.BooleanField(default=False)

    class Meta:
        verbose_name = "file of a canned reply"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["canned", "token"], name="workspace_canned_file_once")
        ]

    def __str__(self) -> str:
        return self.name
