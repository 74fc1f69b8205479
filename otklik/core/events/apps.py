from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "otklik.core.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.events.dispatcher import run_dispatcher
        from otklik.core.events.health import look_at_events
        from otklik.core.hooks.health import register_health
        from otklik.core.hooks.program import register_service

        register_service("dispatcher", run_dispatcher)
        register_health("events", look_at_events)
