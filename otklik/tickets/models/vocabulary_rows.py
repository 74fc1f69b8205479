"""What tickets are sorted by: statuses, categories and tags."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.core.vocabulary.tongues import words_now


class StatusKind(models.TextChoices):
    """What a status means to the desk; the company's own statuses each map to one."""

    NEW = "new", pgettext_lazy("status", "New")
    OPEN = "open", pgettext_lazy("status", "Open")
    PENDING = "pending", pgettext_lazy("status", "Waiting for customer")
    ON_HOLD = "on_hold", pgettext_lazy("status", "Waiting for others")
    SOLVED = "solved", pgettext_lazy("status", "Solved")
    CLOSED = "closed", pgettext_lazy("status", "Closed")


# What still wants work; "open" lists show these.
UNFINISHED = (StatusKind.NEW, StatusKind.OPEN, StatusKind.PENDING, StatusKind.ON_HOLD)
FINISHED = (StatusKind.SOLVED, StatusKind.CLOSED)


class Kind(models.TextChoices):
    QUESTION = "question", pgettext_lazy("ticket kind", "Question")
    INCIDENT = "incident", pgettext_lazy("ticket kind", "Incident")
    PROBLEM = "problem", pgettext_lazy("ticket kind", "Problem")
    CHANGE = "change", pgettext_lazy("ticket kind", "Change")
    SERVICE_REQUEST = "service_request", pgettext_lazy("ticket kind", "Service request")
    COMPLAINT = "complaint", pgettext_lazy("ticket kind", "Complaint")
    PRAISE = "praise", pgettext_lazy("ticket kind", "Praise")


class Priority(models.IntegerChoices):
    """A rank, so that lists order by it; gaps leave room for a company's own."""

    LOW = 10, pgettext_lazy("priority", "Low")
    NORMAL = 20, pgettext_lazy("priority", "Normal")
    HIGH = 30, pgettext_lazy("priority", "High")
    URGENT = 40, pgettext_lazy("priority", "Urgent")


class Status(models.Model):
    """One step of work. ``labels`` by language; the built-in ones are translated by the program."""

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=StatusKind)
    labels = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    is_default = models.BooleanField(default=False)  # the one taken when only the kind is said
    is_active = models.BooleanField(default=True)
    hint = models.CharField(max_length=200, blank=True, default="", db_default="")  # when to use it
    hints = models.JSONField(null=True, default=dict)  # {language: words}; others see ``hint``

    class Meta:
        verbose_name = _("status")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_default=True),
                name="tickets_default_status",
            )
        ]

    def __str__(self) -> str:
        return self.label()

    def label(self, language: str = "") -> str:
        if self.is_own:
            return self.labels.get(language) or next(iter(self.labels.values()), self.code)
        return self.labels.get(language) or str(StatusKind(self.kind).label)

    def hint_now(self) -> str:
        """In the language that is active."""
        return words_now(self.hints, self.hint)

    @property
    def is_own(self) -> bool:
        """The company's own; the built-in ones are called as their kind is."""
        return self.code != self.kind

    @property
    def is_finished(self) -> bool:
        return self.kind in FINISHED


class StatusStep(models.Model):
    """``next`` may follow ``status``. A status without any may be followed by all."""

    status = models.ForeignKey(Status, models.CASCADE, related_name="+", db_index=False)
    next = models.ForeignKey(Status, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["status", "next"], name="tickets_step_once")]

    def __str__(self) -> str:
        return f"{self.status_id} → {self.next_id}"


class Category(models.Model):
    """One place in a tree of subjects. ``path`` is the ids from the root, for whole branches."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=100)
    labels = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=200, default="", editable=False)  # "/3/17/"
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("category")
        ordering = ["position", "name", "id"]

    def __str__(self) -> str:
        return self.name

    def label(self, language: str = "") -> str:
        return self.labels.get(language) or self.name


class StandingTags(models.Manager["Tag"]):
    """Tags as people see them: neither removed nor merged into another."""

    def get_queryset(self) -> models.QuerySet[Tag]:
        found = super().get_queryset()
        return found.filter(removed_at__isnull=True, merged_into__isnull=True)


class Tag(models.Model):
    """A free label. ``key`` is the normalised name: no twins by case or spelling of ё.

    One that is merged stays as another spelling of what it is merged into; one that is removed
    stays for the undo, its key changed so that the name is free.
    """

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=60, unique=True)
    hint = models.CharField(max_length=300, blank=True, default="", db_default="")
    hints = models.JSONField(null=True, default=dict)  # {language: words}; others see ``hint``
    removed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    every: models.Manager[Tag] = models.Manager()
    objects = StandingTags()

    class Meta:
        verbose_name = _("tag")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def hint_now(self) -> str:
        """In the language that is active."""
        return words_now(self.hints, self.hint)
