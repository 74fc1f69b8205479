"""Where the pages of this channel stand in the settings, and what set-up offers first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.core.settings import config
from otklik.desk.permissions import MANAGE_ACCOUNTS
from otklik.workspace.settings_screens.sections import (
    Section,
    WayIn,
    register_section,
    register_way_in,
)


def register_screens() -> None:
    register_section(
        Section(
            "mailboxes",
            "accounts",
            _("Mailboxes"),
            "mail",
            "channel_email:mailboxes",
            (MANAGE_ACCOUNTS,),
            order=10,
        )
    )
    register_section(
        Section(
            "tray",
            "accounts",
            _("Outgoing tray"),
            "mail-open",
            "channel_email:tray",
            (MANAGE_ACCOUNTS,),
            order=20,
            is_shown=is_tray_used,
        )
    )
    register_section(
        Section(
            "mail_keys",
            "accounts",
            _("Mail keys"),
            "lock",
            "channel_email:keys",
            (MANAGE_ACCOUNTS,),
            order=15,
        )
    )
    register_way_in(
        WayIn(
            "mailbox",
            _("Connect a mailbox"),
            _("Its address, its server and an app password are enough."),
            "mail",
            "channel_email:mailbox_new",
        )
    )


def is_tray_used() -> bool:
    """A demo without a mail server keeps its letters."""
    return config().is_demo and not config().smtp_url
