from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "otklik.portal"
    label = "portal"

    def ready(self) -> None:
        from otklik.core.rest.api import register_router
        from otklik.portal import handlers, rest, slots

        handlers.wire()
        slots.wire()
        register_router("requests", rest.router)
