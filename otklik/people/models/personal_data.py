"""What is kept about personal data: who looked at it, who was given it, who was erased."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.files.models import Blob


class Look(models.Model):
    """Somebody of the desk opened what is known of a person. Ids only, no foreign keys: a look
    outlives whom it was at. ``viewer_id`` is a person's id, whichever way they came.
    """

    person_id = models.BigIntegerField()
    viewer_kind = models.CharField(max_length=12)
    viewer_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=40)  # a code of `people.looks`
    ticket_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "look"
        indexes = [
            models.Index(fields=["person_id", "-id"], name="people_looks_at"),
            models.Index(fields=["at"], name="people_old_looks"),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} at {self.person_id}"


class ErasureReason(models.TextChoices):
    """Why; a code and no words, so that nothing of the person stays in it."""

    ASKED = "asked", _("The person asked for it")
    UNNEEDED = "unneeded", _("It is no longer needed")
    UNLAWFUL = "unlawful", _("It should not have been kept")


class ErasureState(models.TextChoices):
    RUNNING = "running", _("Being erased")
    CHECKING = "checking", _("Erased; looked through once more for what was on its way in")
    DONE = "done", _("Erased")


class Erasure(models.Model):
    """The tombstone of a person: that, when and by whom they were erased, never who they were.

    ``fingerprint`` tells after a restore that the person with this id is the same one. ``sealed``
    holds what is still to be looked for, encrypted, and is emptied when the work is done.
    """

    person_id = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=10, choices=ErasureReason)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=ErasureState, default=ErasureState.RUNNING)
    sealed = models.TextField(blank=True, default="")
    began_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "erasure"
        indexes = [models.Index(fields=["person_id"], name="people_erasure_of")]

    def __str__(self) -> str:
        return f"erasure {self.pk} of {self.person_id}"


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Being put together")
    READY = "ready", _("Ready")
    TAKEN = "taken", _("Downloaded")
    GONE = "gone", _("Not downloaded in time")
    FAILED = "failed", _("Could not be put together")


class PersonExport(models.Model):
    """All that is known of one person, as a file for whoever asked, once and not for long."""

    person_id = models.BigIntegerField()
    asked_by = models.BigIntegerField()  # a person's id
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.WAITING)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    size = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "export of personal data"
        indexes = [
            models.Index(fields=["person_id", "-id"], name="people_exports_of"),
            models.Index(
                fields=["ready_at"],
                name="people_exports_held",
                condition=models.Q(blob__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.person_id}"
