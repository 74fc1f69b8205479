"""What the two halves of a mailbox have in common on its form, and what there is to choose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Words = Any  # a text, or one that is translated when it is shown

SECURITY = [
    ("tls", _("TLS")),
    ("starttls", _("STARTTLS")),
    ("none", _("None")),
]
AFTER_FETCH = [
    ("keep", _("Leave it as it is")),
    ("mark_seen", _("Mark it as read")),
    ("move", _("Move it to a folder")),
    ("delete", _("Delete it")),
]
SIGN_IN = [
    ("password", _("Password")),
    ("google", "Google"),
    ("microsoft", "Microsoft 365"),
    ("oauth", _("Another OAuth 2.0 server")),
]
SENDER_STYLES = [
    ("agent_via", _("The agent, with the sender name in brackets")),
    ("agent", _("The agent")),
    ("mailbox", _("The sender name")),
]
ROUND_TRIPS = [("off", _("Never")), ("daily", _("Daily")), ("hourly", _("Hourly"))]


def host_field(label: Words, help_text: Words) -> forms.CharField:
    return line_field(label, help_text, longest=253)


def port_field() -> forms.IntegerField:
    return forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)


def security_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Protection"), choices=SECURITY)


def user_field(help_text: Words = "") -> forms.CharField:
    return line_field(_("User name"), help_text)


def password_field(label: Words) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


def address_field(label: Words) -> forms.CharField:
    return line_field(label, _("Empty: the provider's own."), longest=500)


def line_field(label: Words, help_text: Words = "", *, longest: int = 200) -> forms.CharField:
    """One line that may stay empty."""
    return forms.CharField(label=label, help_text=help_text, max_length=longest, required=False)


def choice_field(
    label: Words, help_text: Words, choices: list[tuple[str, Any]]
) -> forms.ChoiceField:
    """One of several; the first one when nothing is said."""
    return forms.ChoiceField(
        label=label, help_text=help_text, choices=choices, initial=choices[0][0], required=False
    )
