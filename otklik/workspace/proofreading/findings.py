"""What the checks look at and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.kit.html import rich_text_to_plain

# Code → what the switch in the settings says.
CHECKS: dict[str, str | Promise] = {
    "question": gettext_lazy("A question of the customer that is not answered"),
    "attachment": gettext_lazy("A file that is promised but not attached"),
    "link": gettext_lazy("A link that leads nowhere"),
    "name": gettext_lazy("A greeting with the name of somebody who is not in the talk"),
    "gap": gettext_lazy("A placeholder that was not filled in"),
    "harsh": gettext_lazy("Harsh words"),
}

_QUOTED = re.compile(r"<(blockquote|pre|code)\b[^>]*>.*?</\1>", re.I | re.S)
_GAP = re.compile(r"<mark\b[^>]*>(.*?)</mark>", re.I | re.S)
_HREF = re.compile(r'<a\b[^>]*\bhref="(https?://[^"]{1,2000})"', re.I)
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it leaves. ``text`` holds its own words: no quotations, no code."""

    text: str
    files: int = 0
    gaps: tuple[str, ...] = ()  # placeholders marked as not filled in
    links: tuple[str, ...] = ()

    @classmethod
    def of_html(cls, html: str, *, files: int = 0) -> Draft:
        """Of sanitised rich text. Pictures among the words count as files."""
        own = html
        for _depth in range(5):
            own, count = _QUOTED.subn(" ", own)
            if not count:
                break
        gaps = (unescape(_TAGS.sub("", gap)) for gap in _GAP.findall(own))
        return cls(
            text=without_quotes(rich_text_to_plain(own)),
            files=files + len(re.findall(r"<img\b", html, re.I)),
            gaps=tuple(dict.fromkeys(gap.strip() for gap in gaps if gap.strip())),
            links=tuple(links_in(own)),
        )


@dataclass(frozen=True, slots=True)
class Talk:
    """What the draft answers. ``asked`` are the customer's messages since our last reply, oldest
    first; ``names`` of everybody who takes part and ``said`` what they wrote, to know names by."""

    asked: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """``quote`` stands at ``start`` … ``end`` of the draft's text; for a question it is the
    customer's sentence, and has no place in the draft."""

    check: str
    quote: str
    start: int = -1
    end: int = -1

    @property
    def key(self) -> str:
        """What tells it from another one, when it was seen and waved through."""
        return f"{self.check}:{self.quote[:120].casefold()}"

    def words(self) -> str:
        quote = self.quote if len(self.quote) <= 160 else f"{self.quote[:159]}…"
        return {
            "question": _("They asked, and there seems to be no answer: “%(quote)s”"),
            "attachment": _("“%(quote)s”, but no file is attached."),
            "link": _("This link leads nowhere: %(quote)s"),
            "name": _("“%(quote)s” is nobody in this talk."),
            "gap": _("Not filled in: %(quote)s"),
            "harsh": _("This may hurt: “%(quote)s”"),
        }[self.check] % {"quote": quote}


def links_in(html: str) -> list[str]:
    """The web addresses rich text links to, each once."""
    return list(dict.fromkeys(unescape(link) for link in _HREF.findall(html)))


def without_quotes(text: str) -> str:
    """A text whose quoted lines are empty; places of everything before them stay."""
    return "\n".join("" if line.lstrip().startswith(">") else line for line in text.split("\n"))
