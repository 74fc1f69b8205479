"""Two people who are one: who stays, who went, and how far the work on it is."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.operations.models import Operation
from otklik.people.models.person import Person


class MergeState(models.TextChoices):
    MERGING = "merging", _("Being merged")
    MERGED = "merged", _("Merged")
    PARTING = "parting", _("Being taken apart")
    PARTED = "parted", _("Taken apart again")


class PersonMerge(models.Model):
    """``gone`` was merged into ``kept``. What moved is in the journal of ``operation``.

    ``place`` is where the work has got to, for `people.merging` alone. ``moved`` and ``total``
    count rows, for the progress; ``left`` those that somebody had changed again when it was taken
    back, and that stayed as they were.
    """

    kept = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    gone = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    operation = models.OneToOneField(Operation, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=MergeState, default=MergeState.MERGING)
    place = models.JSONField(default=dict)
    moved = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "merge of two people"
        indexes = [
            models.Index(fields=["kept", "-id"], name="people_merges_into"),
            models.Index(fields=["gone", "-id"], name="people_merges_of"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"

    @property
    def is_running(self) -> bool:
        return self.state in (MergeState.MERGING, MergeState.PARTING)


class NotTwins(models.Model):
    """Somebody looked: these two are two. Neither is suggested beside the other any more."""

    first = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "two people who are not one"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="people_two_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="people_two_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
