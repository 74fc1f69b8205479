"""The letters that tell agents, in English and Russian; administrators may write them anew."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.desk.placeholders import Kind, Rich
from otklik.desk.texts import Placeholder, register_text

NOTIFICATION = "mail.notification"
DIGEST = "mail.notification_digest"

_NEWS = Placeholder("news", _("What happened"), Kind.RICH, Rich("New answer", "<p>New answer</p>"))
_LINK = Placeholder("link", _("Where it is read"), Kind.LINK, "https://help.example.com/tickets/1/")
_HINT = Placeholder("hint", _("What an answer to the letter does"))
_CHOICE = Placeholder(
    "choice",
    _("Where one says what one is told of"),
    Kind.LINK,
    "https://help.example.com/notifications/settings/",
)
_STOP = Placeholder(
    "stop",
    _("Where one asks for no more of these letters"),
    Kind.LINK,
    "https://help.example.com/notifications/stop/…",
)
_EN = (
    "\n\n{{ hint }}\n\nWhat you are told of: {{ choice }}\nNo more letters of this kind: {{ stop }}"
)
_RU = (
    "\n\n{{ hint }}\n\nО чём вас уведомлять: {{ choice }}\n"
    "Больше не присылать таких писем: {{ stop }}"
)


def register() -> None:
    register_text(
        NOTIFICATION,
        _("An agent is told of one thing"),
        (
            Placeholder("title", _("What it is about"), example="№ 4812 The machine is cold"),
            *(_NEWS, _LINK, _HINT, _CHOICE, _STOP),
        ),
        {
            "en": ("{{ title }}", "{{ news }}\n\n{{ link }}" + _EN),
            "ru": ("{{ title }}", "{{ news }}\n\n{{ link }}" + _RU),
        },
        required=("news", "link", "stop"),
    )
    register_text(
        DIGEST,
        _("An agent is told of several things"),
        (
            Placeholder("title", _("How many there are"), example="5 new notifications"),
            *(_NEWS, _LINK, _HINT, _CHOICE, _STOP),
        ),
        {
            "en": ("{{ title }}", "{{ news }}\n\nAll of them: {{ link }}" + _EN),
            "ru": ("{{ title }}", "{{ news }}\n\nВсе уведомления: {{ link }}" + _RU),
        },
        required=("news", "link", "stop"),
    )
