"""A column that holds another one as texts are compared."""

from __future__ import annotations

from typing import Any

from django.db import models

from otklik.kit.text import sort_key


class FoldedField(models.CharField):  # type: ignore[type-arg]  # no subscript at run time
    """Written with its row from the column ``of``; ``update()`` of a queryset sets both.

    None in rows that a migration has not filled yet.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        folded = sort_key(getattr(model_instance, self.of), self.max_length or 200)
        setattr(model_instance, self.attname, folded)
        return folded
