"""Links of a letter that has no plain form: the address beside words that do not say it."""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import islice

MAX_LINKS = 200
LONGEST = 1000  # of an address; longer ones are a tracker's, and only in the letter as it was sent
LONGEST_WORDS = 3000  # of markup between the two ends of a link

_BEGIN = re.compile(r"<a\s([^<>]{1,3000})>", re.IGNORECASE)
_END = re.compile(r"</a\s?>", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\bhref\s*=\s*(?:\"([^\"]{1,2000})\"|'([^']{1,2000})'|([^\s\"'>]{1,2000}))", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]{0,3000}>")
_BARE = re.compile(r"^https?://(?:www\.)?|/$", re.IGNORECASE)


def name_links(html: str) -> str:
    """``<a href="https://a.example/x">photo</a>`` with `` <https://a.example/x>`` behind it."""
    pieces: list[str] = []
    position = 0
    for begin in islice(_BEGIN.finditer(html), MAX_LINKS):
        end = _END.search(html, begin.end(), begin.end() + LONGEST_WORDS)
        found = _ADDRESS.search(begin[1])
        if end is None or found is None:
            continue
        address = unescape(found[1] or found[2] or found[3]).strip()
        words = unescape(_TAG.sub("", html[begin.end() : end.start()]))
        if _is_worth_naming(address, words):
            pieces += [html[position : end.end()], f" &lt;{escape(address)}&gt;"]
            position = end.end()
    return "".join([*pieces, html[position:]])


def _is_worth_naming(address: str, words: str) -> bool:
    if not address.lower().startswith(("http://", "https://")) or len(address) > LONGEST:
        return False
    said = "".join(words.split()).lower()
    return bool(said) and _BARE.sub("", address).lower() not in said
