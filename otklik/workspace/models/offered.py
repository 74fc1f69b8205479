"""What is written once and offered to oneself, a team or everybody: macros and scripts."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.db.models import SortKeyField
from otklik.core.vocabulary.tongues import words_now
from otklik.kit.text import sort_key
from otklik.people.models import Person, Team
from otklik.people.models.sorting import with_sort_name
from otklik.workspace.models.canned_reply import Scope
from otklik.workspace.permissions import MANAGE_MACROS


class OfferedQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """What everybody has, one's teams' and one's own; who manages them sees every team's."""
        if not actor.is_staff:
            return self.none()
        rows = Q(scope=Scope.SHARED)
        if actor.can(MANAGE_MACROS):
            rows |= Q(scope=Scope.TEAM)
        else:
            rows |= Q(scope=Scope.TEAM, team_id__in=actor.team_ids)
        if actor.person_id is not None:
            rows |= Q(scope=Scope.PERSONAL, owner_id=actor.person_id)
        return self.filter(rows)

    def active(self) -> Self:
        return self.filter(is_active=True)


class Offered(models.Model):
    """``owner`` is set on a personal one alone, ``team`` on a team's. ``labels`` and ``hints`` are
    {language: words}; others see the name and the hint. ``uses`` counts: no fact, hence without an
    event."""

    name = models.CharField(max_length=120)
    labels = models.JSONField(null=True, default=dict)
    sort_name = SortKeyField()
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.PERSONAL)
    owner = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    hint = models.CharField(max_length=300, blank=True, default="")
    hints = models.JSONField(null=True, default=dict)
    steps = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = OfferedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["sort_name", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **with_sort_name(kwargs))

    def label_now(self) -> str:
        """In the language that is active."""
        return words_now(self.labels, self.name)

    def hint_now(self) -> str:
        return words_now(self.hints, self.hint)
