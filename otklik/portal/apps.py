from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "otklik.portal"
    label = "portal"

    def ready(self) -> None:
        from otklik.core.rest.api import register_router
        from otklik.core.web.errors import register_error_page
        from otklik.portal import errors, handlers, rest, slots

        handlers.wire()
        slots.wire()
        register_error_page(errors.draw_error)
        register_router("requests", rest.router)
