"""What staff writes down about a customer: never shown to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from otklik.people.models.person import Organisation, Person


class CustomerNote(models.Model):
    """About a person or an organisation. A removed one stays until it is erased, for the undo.

    ``author`` None: it came with somebody who was merged, or its writer is gone.
    """

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=4000)  # plain
    pinned_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "note about a customer"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) ^ Q(organisation__isnull=False),
                name="people_note_about_one",
            )
        ]
        indexes = [
            models.Index(
                fields=["person"],
                name="people_pinned_notes",
                condition=Q(pinned_at__isnull=False, removed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"
