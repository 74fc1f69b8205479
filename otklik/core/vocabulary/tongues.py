"""Words that a company writes in several languages, kept as {"ru": "…"} beside those for everybody
else: each reads their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.kit.text import clean_line


def words_now(words: Mapping[str, str] | None, otherwise: str) -> str:
    """In the language that is active; ``otherwise`` where nothing is written in it."""
    return (words or {}).get((get_language() or "").partition("-")[0]) or otherwise


def every_tongue(words: Mapping[str, str] | None, otherwise: str) -> list[str]:
    """All that it is called: what a search looks in."""
    return [otherwise, *(words or {}).values()]


def clean_words(given: Any, length: int, field: str) -> dict[str, str]:
    """As they are stored: one line each, none that is empty. Raises Invalid for a language that
    the desk does not have, under the name of the ``field``."""
    if not isinstance(given, Mapping) or not set(given) <= dict(settings.LANGUAGES).keys():
        words = _("This language is not available.")
        raise Invalid(words, fields={field: words})
    cleaned = {code: clean_line(str(word), length) for code, word in given.items()}
    return {code: word for code, word in cleaned.items() if word}
