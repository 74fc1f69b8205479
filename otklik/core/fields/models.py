"""Definitions of fields, and the typed rows by which values are found."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

from otklik.core.db.models import SortKeyField
from otklik.core.vocabulary.tongues import words_now


class FieldKind(models.TextChoices):
    TEXT = "text", pgettext_lazy("field", "Text")
    NUMBER = "number", pgettext_lazy("field", "Number")
    CHOICE = "choice", pgettext_lazy("field", "One of several")
    MULTI = "multi", pgettext_lazy("field", "Several of several")
    DATE = "date", pgettext_lazy("field", "Date")
    PERSON = "person", pgettext_lazy("field", "Person")
    ORGANISATION = "organisation", pgettext_lazy("field", "Organisation")


class Required(models.TextChoices):
    """When a value is needed."""

    NEVER = "never", pgettext_lazy("field is required", "Never")
    OPENING = "opening", pgettext_lazy("field is required", "When opening")
    SOLVING = "solving", pgettext_lazy("field is required", "Before solving")


class CustomerAccess(models.TextChoices):
    """What the customers do with a field of what is theirs."""

    HIDDEN = "hidden", pgettext_lazy("customers and a field", "Do not see it")
    SHOWN = "shown", pgettext_lazy("customers and a field", "See it")
    ASKED = "asked", pgettext_lazy("customers and a field", "Fill it in when they ask")
    CHANGED = "changed", pgettext_lazy("customers and a field", "Fill it in, also later")


WITH_OPTIONS = (FieldKind.CHOICE, FieldKind.MULTI)
FILLED = (CustomerAccess.ASKED, CustomerAccess.CHANGED)
REFERENCES = (FieldKind.PERSON, FieldKind.ORGANISATION)


class Field(models.Model):
    """One custom field of a thing ("ticket"). Values lie in the owner's column ``custom``.

    ``options`` is [{"code", "name", "labels": {language: word}, "is_active"}]. ``visible_when``
    and ``required_when`` are matches of `core.vocabulary` about the thing. ``see_teams`` and
    ``edit_teams`` are team ids; empty is every agent. ``customer_access`` is of customers alone.
    """

    thing = models.CharField(max_length=20)
    key = models.CharField(max_length=40, unique=True)  # never changes: rules are stored with it
    kind = models.CharField(max_length=12, choices=FieldKind)
    name = models.CharField(max_length=100)
    labels = models.JSONField(default=dict)
    hint = models.CharField(max_length=300, blank=True, default="")
    hints = models.JSONField(null=True, default=dict)  # {language: words}; others see ``hint``
    options = models.JSONField(default=list)
    decimals = models.PositiveSmallIntegerField(default=0)  # of a number
    default = models.JSONField(null=True)
    required = models.CharField(max_length=10, choices=Required, default=Required.NEVER)
    visible_when = models.JSONField(null=True)
    required_when = models.JSONField(null=True)
    see_teams = models.JSONField(default=list)
    edit_teams = models.JSONField(default=list)
    customer_access = models.CharField(
        max_length=10, choices=CustomerAccess, default=CustomerAccess.HIDDEN, db_default="hidden"
    )
    is_filterable = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "custom field"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def label(self, language: str = "") -> str:
        return self.labels.get(language) or self.name

    def label_now(self) -> str:
        """In the language that is active."""
        return words_now(self.labels, self.name)

    def hint_in(self, language: str = "") -> str:
        return (self.hints or {}).get(language) or self.hint

    def hint_now(self) -> str:
        return words_now(self.hints, self.hint)

    def option_choices(self, language: str = "", *, inactive: bool = False) -> list[Any]:
        """(code, words) of the options that may be chosen; ``inactive``: of all there are."""
        return [
            (each["code"], each.get("labels", {}).get(language) or each["name"])
            for each in self.options
            if inactive or each.get("is_active", True)
        ]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(each["code"] for each in self.options)


class IndexRow(models.Model):
    """One value of a filterable field, in the column of its kind; several for a multi."""

    field = models.ForeignKey(Field, models.CASCADE, related_name="+", db_index=False)
    owner_id = models.BigIntegerField()
    text = SortKeyField(null=True, default=None)
    number = models.BigIntegerField(null=True)  # times ten to the power of the field's decimals
    moment = models.DateTimeField(null=True)
    reference = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["field", "owner_id"], name="fields_of_owner"),
            models.Index(
                fields=["field", "text", "owner_id"],
                name="fields_by_text",
                condition=models.Q(text__isnull=False),
            ),
            models.Index(
                fields=["field", "number", "owner_id"],
                name="fields_by_number",
                condition=models.Q(number__isnull=False),
            ),
            models.Index(
                fields=["field", "moment", "owner_id"],
                name="fields_by_moment",
                condition=models.Q(moment__isnull=False),
            ),
            models.Index(
                fields=["field", "reference", "owner_id"],
                name="fields_by_reference",
                condition=models.Q(reference__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} of {self.owner_id}"
