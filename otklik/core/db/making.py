"""Objects of rows, made without what Django does for columns and listeners that are not there.

`Model.from_db` goes through every column of a model, read or not, and asks who listens to objects
being made; for a page of fifty tickets with their people that takes longer than reading them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute

_PLAIN = (DeferredAttribute, ForeignKeyDeferredAttribute)


class Quick:
    """Stands for a model where rows become objects: `from_db` as the model's own."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def from_db(self, alias: str, names: Iterable[str], values: Sequence[Any]) -> Any:
        made = self._model.__new__(self._model)
        state = ModelState()
        state.adding = False
        state.db = alias
        vars(made).update(zip(names, values, strict=True), _state=state)
        return made


def quick(model: type[Model], names: Iterable[str]) -> Any:
    """What makes objects of this model with these attributes; the model itself where it or a
    column of it does more than keep values."""
    is_plain = (
        model.__init__ is Model.__init__
        and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
        and all(type(_kept(model, name)) in _PLAIN for name in names)
    )
    return Quick(model) if is_plain else model


def _kept(model: type[Model], name: str) -> Any:
    """What a class has under a name, found without asking it to give a value."""
    return next((vars(each)[name] for each in model.__mro__ if name in vars(each)), None)


def quicken(populators: Iterable[Any]) -> None:
    """The same for the rows that come along (`RelatedPopulator`), and those along with them."""
    for populator in populators:
        populator.model_cls = quick(populator.model_cls, populator.init_list)
        quicken(populator.related_populators)
