from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "otklik.channels"
    label = "channels"

    def ready(self) -> None:
        from otklik.channels import copies, erasing, event_names, handlers, rest, rest_screening
        from otklik.channels import permissions as own_permissions
        from otklik.channels.health import look_at_quarantine
        from otklik.channels.screening import settings as screening
        from otklik.core.hooks.health import register_health
        from otklik.core.rest.api import register_router

        _ = copies, event_names  # register a task and words
        own_permissions.register()
        screening.declare()
        handlers.wire()
        erasing.wire()
        register_health("quarantine", look_at_quarantine)
        register_router("channels", rest.router)
        register_router("screening", rest_screening.router)
