"""Brands: the face the company shows. Nothing is without one; one is the default."""

from __future__ import annotations

from django.db import models

from otklik.desk.models.calendar import Calendar
from otklik.desk.querysets import OpenQuerySet, StaffQuerySet


class Brand(models.Model):
    """A name, a look and a calendar. Brands are no security border."""

    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="en")
    languages = models.JSONField(default=list)  # what the portal offers, the default first
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+")
    color = models.CharField(max_length=7, default="#0b6478")
    corner = models.PositiveSmallIntegerField(default=8)  # px: 0, 8 or 12
    logo_sha256 = models.CharField(max_length=64, blank=True, default="")
    host = models.CharField(max_length=253, blank=True, default="")  # the portal's own domain
    embed_domains = models.JSONField(default=list)  # who may frame the request form
    # Minutes of working time within which the acknowledgement promises a first answer.
    first_reply_minutes = models.PositiveIntegerField(default=240)
    close_after_days = models.PositiveSmallIntegerField(default=7)  # solved → closed
    # Months after closing until files, all texts or the whole ticket are erased; None: kept.
    files_kept_months = models.PositiveSmallIntegerField(null=True, blank=True)
    texts_kept_months = models.PositiveSmallIntegerField(null=True, blank=True)
    tickets_kept_months = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = "brand"
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="desk_one_default_brand",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TextTemplate(models.Model):
    """The desk's own words for one text in one language; the built-in ones stand until then.

    Texts are registered in `desk.texts` with their placeholders. ``brand`` empty: for all.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField(max_length=20_000)
    updated_at = models.DateTimeField(auto_now=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = "text"
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "key", "language"],
                condition=models.Q(brand__isnull=False),
                name="desk_text_per_brand",
            ),
            models.UniqueConstraint(
                fields=["key", "language"],
                condition=models.Q(brand__isnull=True),
                name="desk_text_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
