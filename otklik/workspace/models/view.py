"""Views: saved queries over tickets with how they are shown, and where each person has them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.people.models import Person, Role, Team, User
from otklik.workspace.permissions import SHARE_VIEWS


class ViewScope(models.TextChoices):
    """Whose navigation it is in."""

    PERSONAL = "personal", _("Only me")
    TEAM = "team", _("A team")
    ROLE = "role", _("Everybody with a role")


class ViewQuerySet(models.QuerySet["View"]):
    def visible_to(self, actor: Actor) -> ViewQuerySet:
        """One's own, those of one's teams and roles; who may share them reaches every shared one.
        What is removed is not there."""
        if not actor.is_staff:
            return self.none()
        rows = self.filter(removed_at__isnull=True)
        if actor.can(SHARE_VIEWS):
            shared = ~Q(scope=ViewScope.PERSONAL)
            return rows.filter(shared | Q(owner_id=actor.person_id or 0))
        return rows.offered_to(*whose(actor))

    def offered_to(self, person_id: int, user_id: int, team_ids: tuple[int, ...]) -> ViewQuerySet:
        """What stands in the navigation of an agent (see `whose`) unless it is hidden there."""
        return self.filter(_offered(person_id, user_id, team_ids), removed_at__isnull=True)


def whose(actor: Actor) -> tuple[int, int, tuple[int, ...]]:
    """Person, user and teams of an agent: what decides which views are theirs."""
    return actor.person_id or 0, actor.user_id or 0, tuple(sorted(actor.team_ids))


def _offered(person_id: int, user_id: int, team_ids: tuple[int, ...]) -> Q:
    roles = User.roles.through.objects.filter(user_id=user_id).values("role_id")
    return (
        Q(scope=ViewScope.PERSONAL, owner_id=person_id)
        | Q(scope=ViewScope.TEAM, team_id__in=team_ids)
        | Q(scope=ViewScope.ROLE, role_id__in=roles)
    )


class View(models.Model):
    """``query`` is ``{"match", "words"}`` as the vocabulary stores it: ids and codes, so that it
    lasts through renaming; ``columns``, ``sort``, ``grouping`` and ``layout`` are codes."""

    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=8, choices=ViewScope, default=ViewScope.PERSONAL)
    owner = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    role = models.ForeignKey(Role, models.CASCADE, null=True, related_name="+")
    query = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=20, blank=True, default="")
    grouping = models.CharField(max_length=20, blank=True, default="")
    layout = models.CharField(max_length=10, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ViewQuerySet.as_manager()

    class Meta:
        verbose_name = "view"
        ordering = ["id"]
        indexes = [models.Index(fields=["owner"], name="workspace_views_own")]

    def __str__(self) -> str:
        return self.name

    @property
    def match_json(self) -> dict[str, Any]:
        found = self.query.get("match")
        return found if isinstance(found, dict) else {}


class ViewPlace(models.Model):
    """Where a person has a view in their navigation. No fact: no event."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    view = models.ForeignKey(View, models.CASCADE, related_name="+")
    position = models.IntegerField(default=0)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        verbose_name = "place of a view"
        constraints = [
            models.UniqueConstraint(fields=["person", "view"], name="workspace_view_place_once")
        ]

    def __str__(self) -> str:
        return f"{self.view_id} of {self.person_id}"
