from django.apps import AppConfig


class ChannelDummyConfig(AppConfig):
    name = "channel_dummy"
    label = "channel_dummy"

    def ready(self) -> None:
        from channel_dummy.channel import DummyChannel
        from otklik.channels.registry import register_channel

        register_channel(DummyChannel())
