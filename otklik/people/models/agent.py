"""Agents and the teams they belong to."""

from __future__ import annotations

from typing import Any

from django.db import models

from otklik.core.db.models import SortKeyField
from otklik.kit.text import sort_key
from otklik.people.models.person import Person
from otklik.people.models.sorting import with_sort_name
from otklik.people.querysets import AgentQuerySet, TeamQuerySet


class Team(models.Model):
    name = models.CharField(max_length=100)
    sort_name = SortKeyField()
    line = models.PositiveSmallIntegerField(default=1)  # support line 1, 2 or 3
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = "team"
        ordering = ["line", "sort_name", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **with_sort_name(kwargs))


class Agent(models.Model):
    """Somebody who works tickets: a row on a person, never deleted, only made inactive."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="agent")
    teams: models.ManyToManyField[Team, Any] = models.ManyToManyField(
        Team, through="Membership", related_name="agents"
    )
    is_active = models.BooleanField(default=True)
    signature = models.TextField(max_length=4000, blank=True, default="")  # plain text
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = "agent"

    def __str__(self) -> str:
        return self.person.name


class Membership(models.Model):
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships", db_index=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "team"], name="people_member_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.team_id}"
