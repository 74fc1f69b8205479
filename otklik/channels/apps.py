from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "otklik.channels"
    label = "channels"

    def ready(self) -> None:
        from otklik.channels import handlers

        handlers.wire()
