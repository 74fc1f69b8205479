"""What people agreed to: kinds of consent, and each time one was given or withdrawn."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.people.models.person import Person


class ConsentKind(models.Model):
    """Something to agree to: marketing, processing of data, recordings. ``labels`` by language."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    labels = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "kind of consent"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def label(self, language: str = "") -> str:
        return self.labels.get(language) or self.name


class ConsentHow(models.TextChoices):
    """By what it was said."""

    FORM = "form", pgettext_lazy("consent by", "form on a site")
    EMAIL = "email", pgettext_lazy("consent by", "letter")
    PHONE = "phone", pgettext_lazy("consent by", "telephone")
    MESSAGE = "message", pgettext_lazy("consent by", "message")
    PAPER = "paper", pgettext_lazy("consent by", "signed paper")
    SELF = "self", pgettext_lazy("consent by", "their own account")
    OTHER = "other", pgettext_lazy("consent by", "another way")


class Consent(models.Model):
    """One answer of a person, never changed: a later one follows it. ``is_current`` is the last
    word on its kind. ``at`` is when they said it, ``recorded_at`` when we wrote it down.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.ForeignKey(ConsentKind, models.PROTECT, related_name="+")
    is_given = models.BooleanField(_("given"))
    is_current = models.BooleanField(default=True)
    how = models.CharField(max_length=10, choices=ConsentHow)
    evidence = models.TextField(max_length=2000, blank=True, default="")
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "consent"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(is_current=True),
                name="people_last_word",
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "-person"],
                name="people_consenting",
                condition=Q(is_current=True, is_given=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind_id}"
