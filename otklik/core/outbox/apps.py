from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "otklik.core.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.hooks.health import register_health
        from otklik.core.hooks.program import register_service
        from otklik.core.outbox import events, permissions  # noqa: F401  declare what they hold
        from otklik.core.outbox.health import look_at_outbox
        from otklik.core.outbox.sending import run_outbox
        from otklik.core.settings.sealed import register_sealed

        register_sealed("outbox.Delivery", "sealed")
        register_service("outbox", run_outbox)
        register_health("outbox", look_at_outbox)
