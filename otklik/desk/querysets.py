"""The desk's furniture as one may see it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from otklik.core.access import Actor


class OpenQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Brands are shown to everybody: they are no security border."""
        return self


class StaffQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self if actor.is_staff else self.none()


class AccountQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self if actor.is_staff else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)
