from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "otklik.portal"
    label = "portal"

    def ready(self) -> None:
        from otklik.portal import handlers, slots

        handlers.wire()
        slots.wire()
