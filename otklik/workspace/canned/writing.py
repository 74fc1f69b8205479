"""What somebody typed made fit to keep, before any transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.kit.html import rich_text_to_plain, sanitise_rich_text, text_to_html
from otklik.kit.text import clean_line, normalise
from otklik.tickets.actions import take_uploads
from otklik.tickets.contract import StoredFile
from otklik.workspace.models import CannedFile, CannedReply

LONGEST = 100_000  # characters of one text
MOST_TAGS = 20
MOST_FILES = 20
_LONGEST_TAG = 40
_SEARCHED = 4_000
_PICTURE = re.compile(r"/(?:uploads|canned-files)/([A-Za-z0-9_-]{10,32})/")


@dataclass(frozen=True, slots=True)
class CannedWords:
    """The texts by language, and the files they and the reply bring: new ones as ``files``, with
    ``kept`` the tokens of those it had."""

    texts: Mapping[str, tuple[str, str]]  # language → (html, plain)
    files: Sequence[StoredFile] = ()
    kept: frozenset[str] = field(default_factory=frozenset)


def prepare_texts(
    actor: Actor,
    typed: Mapping[str, str],
    *,
    uploads: Sequence[str] = (),
    kept: Sequence[str] = (),
    of: CannedReply | None = None,
) -> CannedWords:
    """Clean what was typed per language; HTML, or plain text where it holds no markup.

    Pictures in it are uploads of the writer's or files the reply ``of`` has already. Raises
    Invalid for a language the desk does not speak and a text that is too long, Missing for a file
    that is gone.
    """
    known = {code for code, _name in settings.LANGUAGES}
    own = {file.token for file in CannedFile.objects.filter(canned=of)} if of is not None else set()
    pictured: list[str] = []

    def place(address: str) -> str | None:
        found = _PICTURE.search(address)
        token = found.group(1) if found else address.removeprefix("cid:")
        if found is None and token not in own:
            return None
        pictured.append(token)
        return f"cid:{token}"

    texts: dict[str, tuple[str, str]] = {}
    for language, html in typed.items():
        if language not in known:
            raise Invalid(_("The desk does not speak this language."), fields={"texts": language})
        if len(html) > LONGEST:
            words = _("A text is at most %(most)s characters long.") % {"most": LONGEST}
            raise Invalid(words, fields={"texts": words})
        markup = html if re.search(r"<\w", html) else text_to_html(html)
        clean = str(sanitise_rich_text(markup, image_url=place))
        plain = rich_text_to_plain(clean)
        if plain.strip() or "<img" in clean:
            texts[language] = (clean, plain)
    new = [token for token in dict.fromkeys(pictured) if token not in own]
    tokens = [*dict.fromkeys(uploads), *(token for token in new if token not in uploads)]
    if len(tokens) + len(kept) > MOST_FILES:
        words = _("A canned reply brings at most %(most)d files.") % {"most": MOST_FILES}
        raise Invalid(words, fields={"files": words})
    files = take_uploads(actor, tokens)
    stays = (set(kept) & own) | (set(pictured) & own)
    return CannedWords(texts, files, frozenset(stays))


def clean_tags(given: Sequence[str]) -> list[str]:
    """Each once whatever its case, in order. Raises Invalid for too many or too long ones."""
    found: dict[str, str] = {}
    for one in given:
        tag = clean_line(str(one))
        if len(tag) > _LONGEST_TAG:
            words = _("A tag is at most %(most)d characters long.") % {"most": _LONGEST_TAG}
            raise Invalid(words, fields={"tags": words})
        if tag:
            found.setdefault(normalise(tag), tag)
    if len(found) > MOST_TAGS:
        words = _("At most %(most)d tags.") % {"most": MOST_TAGS}
        raise Invalid(words, fields={"tags": words})
    return list(found.values())


def search_key(text: str) -> str:
    """How a text is looked for: its beginning, spelt as a search is."""
    return normalise(text[: _SEARCHED * 2])[:_SEARCHED]
