"""Migrating without drawing every model anew for each table that is made.

Django renders whatever is related to a new model again, and here everything is related to a
person: four fifths of a first start. A model that is new can join those that are there, and an
index changes no class but its own.
"""

from __future__ import annotations

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Index


class Executor(MigrationExecutor):
    """Django's, for going forward only: models of the state before may know of what came after."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:
        found = super()._create_project_state(  # type: ignore[misc]
            with_applied_migrations=with_applied_migrations
        )
        return _State(found.models, found.real_apps)


class _State(ProjectState):
    def add_model(self, model_state: ModelState) -> None:
        key = model_state.app_label, model_state.name_lower
        if "apps" not in self.__dict__:
            super().add_model(model_state)
            return
        self.models[key] = model_state
        if self._relations is not None:  # type: ignore[attr-defined]
            self.resolve_model_relations(key)
        self.apps.render_multiple([model_state])

    def add_index(self, app_label: str, model_name: str, index: Index) -> None:
        options = self.models[app_label, model_name].options
        options["indexes"] = [*options.get("indexes", ()), index]
        if "apps" in self.__dict__:
            meta = self.apps.get_model(app_label, model_name)._meta
            meta.indexes = [*meta.indexes, index]

    def clone(self) -> _State:
        copy = _State({key: each.clone() for key, each in self.models.items()}, self.real_apps)
        if "apps" in self.__dict__:
            copy.apps = self.apps.clone()
        copy.is_delayed = self.is_delayed
        return copy
