"""What administrators decide about screening; plug-ins declare theirs under the same prefix."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.channels.screening.by_words import WORDS
from otklik.core.settings import register

PREFIX = "screening."


def declare() -> None:
    register(
        WORDS,
        bool,
        True,
        _("Learn from what agents call spam"),
        help=_(
            "It speaks when ten letters of each kind are known. Answered letters count as well."
        ),
    )
