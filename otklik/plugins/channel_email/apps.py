"""E-mail as a channel of the desk."""

from django.apps import AppConfig


class ChannelEmailConfig(AppConfig):
    name = "otklik.plugins.channel_email"
    label = "channel_email"

    def ready(self) -> None:
        from otklik.channels.quarantine import register_retry
        from otklik.channels.registry import register_channel
        from otklik.core.hooks.health import register_health
        from otklik.core.rest.api import register_router
        from otklik.core.settings.sealed import register_sealed

        from . import erasing, key_rest, rest, screening, tray_rest
        from .accepting import retry
        from .channel import CHANNEL
        from .checks import register_checks
        from .health import (
            look_at_domains,
            look_at_mail_port,
            look_at_mailboxes,
            look_at_round_trips,
            look_at_spool,
        )
        from .screens import register_screens
        from .service import register_services
        from .versions import READER_VERSION

        register_sealed("channel_email.MailboxGrant", "sealed")
        register_sealed("channel_email.DeskKey", "sealed")
        register_channel(CHANNEL)
        erasing.wire()
        register_retry(CHANNEL.kind, retry, version=READER_VERSION)
        register_services()
        register_checks()
        screening.declare()
        register_health("mailboxes", look_at_mailboxes)
        register_health("mail_port", look_at_mail_port)
        register_health("mail_spool", look_at_spool)
        register_health("mail_domains", look_at_domains)
        register_health("round_trips", look_at_round_trips)
        register_screens()
        register_router("mailboxes", rest.router)
        register_router("mail_keys", key_rest.router)
        register_router("tray", tray_rest.router)
