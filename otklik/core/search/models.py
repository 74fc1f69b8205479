"""What is searched: one row per thing, in stems."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TokensField(models.Field):  # type: ignore[type-arg]
    """A `tsvector` on PostgreSQL, filled with our own tokens; unused on SQLite.

    SQLite keeps its index in an FTS5 table that triggers fill from `title`, `body` and `keys`.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        return value if connection.vendor == "postgresql" else ""


class SearchDocument(models.Model):
    """The words of one object. `title` and `body` are stems, `keys` kind and scopes, all joined
    by spaces."""

    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    at = models.DateTimeField()
    indexed_at = models.DateTimeField()
    keys = models.TextField()
    title = models.TextField()
    body = models.TextField()
    tokens = TokensField(editable=False, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_document_unique")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
