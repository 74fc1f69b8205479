"""Texts made ready for a message, before any transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from otklik.kit import html as kit_html
from otklik.tickets.contract import StoredFile, Words

MAX_TEXT = 1_000_000  # characters; a longer text is an attachment's business


def written_by_hand(
    *,
    html: str = "",
    text: str = "",
    files: Sequence[StoredFile] = (),
    subject: str = "",
    image_url: Callable[[str], str | None] | None = None,
    data_url: Callable[[str], str | None] | None = None,
    by_staff: bool = False,
) -> Words:
    """What an agent or customer typed: rich text when given, else plain text as paragraphs.

    ``image_url`` says what becomes of each picture's address; without it pictures fall away.
    ``data_url`` says it of those whose bytes stand in the text; without it they stay there.
    Staff alone refers to colleagues and tickets.
    """
    references: list[tuple[str, int]] = []
    if html.strip():
        clean: str = kit_html.sanitise_rich_text(
            html[:MAX_TEXT],
            image_url=image_url,
            data_url=data_url,
            keeps_references=by_staff,
        )
        references = kit_html.references_in(clean) if by_staff else []
        plain = kit_html.rich_text_to_plain(clean)
    else:
        plain = text[:MAX_TEXT].replace("\r\n", "\n").strip()
        clean = kit_html.text_to_html(plain) if plain else ""
    return Words(
        text=plain,
        html=clean,
        reply_text=plain,
        subject=subject,
        files=files,
        references=references,
    )


def snippet_of(words: Words, limit: int = 200) -> str:
    """The first words on one line, as lists show them."""
    line = " ".join((words.reply_text or words.text)[:2000].split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
