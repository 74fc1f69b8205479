from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DeskConfig(AppConfig):
    name = "otklik.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.rest.api import register_router
        from otklik.core.settings import register_sealed
        from otklik.desk import (
            builtin_texts,
            company,
            event_names,
            events,
            permissions,
            rest,
            vocabulary,
        )
        from otklik.desk.brands import ensure_after_migrate

        _ = events, event_names
        permissions.register()
        company.register_settings()
        builtin_texts.register()
        vocabulary.wire()
        register_sealed("desk.Account", "sealed")
        register_router("desk", rest.router)
        post_migrate.connect(ensure_after_migrate, sender=self)
