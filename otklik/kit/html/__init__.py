"""HTML from strangers made harmless, and the way between HTML and plain text."""

from otklik.kit.html.convert import html_to_text, text_to_html
from otklik.kit.html.plain import rich_text_to_plain
from otklik.kit.html.sanitise import (
    SANITISER_VERSION,
    CleanHtml,
    map_references,
    references_in,
    sanitise_mail_html,
    sanitise_rich_text,
    without_references,
)

__all__ = [
    "SANITISER_VERSION",
    "CleanHtml",
    "html_to_text",
    "map_references",
    "references_in",
    "rich_text_to_plain",
    "sanitise_mail_html",
    "sanitise_rich_text",
    "text_to_html",
    "without_references",
]
