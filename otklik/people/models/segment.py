"""Saved conditions over people or organisations."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from otklik.core.db.models import SortKeyField
from otklik.kit.text import sort_key
from otklik.people.models.sorting import with_sort_name


class SegmentOf(models.TextChoices):
    PERSON = "person"
    ORGANISATION = "organisation"


class Segment(models.Model):
    """Who answers to ``match`` (`core.vocabulary.read_match`) is in it, at any moment anew."""

    name = models.CharField(max_length=100)
    sort_name = SortKeyField()
    of = models.CharField(max_length=12, choices=SegmentOf, default=SegmentOf.PERSON)
    match = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "segment"
        ordering = ["sort_name", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **with_sort_name(kwargs))
