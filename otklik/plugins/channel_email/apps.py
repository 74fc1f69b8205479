"""E-mail as a channel of the desk."""

from django.apps import AppConfig


class ChannelEmailConfig(AppConfig):
    name = "otklik.plugins.channel_email"
    label = "channel_email"

    def ready(self) -> None:
        from otklik.channels.quarantine import register_retry
        from otklik.channels.registry import register_channel

        from .accepting import retry
        from .channel import CHANNEL
        from .checks import register_checks
        from .service import register_services

        register_channel(CHANNEL)
        register_retry(CHANNEL.kind, retry)
        register_services()
        register_checks()
