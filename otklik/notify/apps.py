from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "otklik.notify"
    label = "notify"

    def ready(self) -> None:
        from otklik.core import outbox
        from otklik.core.rest.api import register_router
        from otklik.core.settings.sealed import register_sealed
        from otklik.notify import (
            event_names,
            events,
            handlers,
            live,
            personal_data,
            pushing,
            settings,
            tasks,
            texts,
        )
        from otklik.notify.rest import choices, notifications

        _ = events, event_names, tasks
        settings.register_settings()
        texts.register()
        live.wire()
        handlers.wire()
        personal_data.wire()
        outbox.register_carrier(
            pushing.KIND, pushing.PushCarrier(), concurrency=pushing.CONCURRENCY
        )
        register_sealed("notify.Device", "sealed")
        register_sealed("notify.VapidKey", "sealed")
        register_router("notifications", notifications.router)
        register_router("notification choices", choices.router)
