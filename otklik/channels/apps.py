from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "otklik.channels"
    label = "channels"

    def ready(self) -> None:
        from otklik.channels import handlers, rest
        from otklik.core.rest.api import register_router

        handlers.wire()
        register_router("channels", rest.router)
