"""Whether markup can be parsed in reasonable time and memory.

The tree builder that HTML prescribes is quadratic in two places: elements nested deep, and
formatting elements (b, font, …) left open, which it opens anew in every block. Both are bounded
here before a parser sees the markup, by one linear pass that never underestimates: a start tag
counts wherever it stands, an end tag only where it certainly is one.
"""

from __future__ import annotations

import re
from collections import Counter


def word_set(words: str) -> frozenset[str]:
    """A set of names from one readable line."""
    return frozenset(words.split())


LONGEST_MARKUP = 5_000_000
MOST_TAGS = 100_000
MOST_REFERENCES = 100_000
DEEPEST = 1000
# So many tags with stray quotes or brackets in them are no accident.
MOST_ODD_TAGS = 500
MOST_REOPENED = 6_000_000

_SIMPLE_TAG = re.compile(
    r"""(?P<slash>/?)(?P<name>[a-zA-Z][^\s/<>"'=]*+)
    (?:\s++[^\s"'<>=/]++(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=`]++))?+)*+
    \s*+/?>""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.S)
_NAME = re.compile(r"[a-zA-Z][^\s/<>]{0,30}")
_FORMATTING = word_set("a b big code em font i nobr s small strike strong tt u")
_NEVER_NESTS = word_set(
    "area base br col embed hr img input link meta param source track wbr p li td th tr tbody "
    "thead tfoot dd dt option optgroup colgroup caption html head body"
)
# Elements whose content is no part of a letter, which a parser reads on to the end when they are
# left open. Styles and scripts are not among them: theirs is nothing to read either way.
_HIDING = re.compile(
    r"<(?P<slash>/?)(?P<name>applet|audio|canvas|iframe|noembed|noframes|noscript|object"
    r"|plaintext|select|template|textarea|title|video|xmp)(?=[\s/>])[^<>]*>?",
    re.I,
)
_RAW_TEXT = word_set("script style title textarea xmp iframe noembed noframes noscript plaintext")


def without_comments(markup: str) -> str:
    """Markup without its comments: newsletters repeat half of themselves in them for Outlook."""
    return _COMMENT.sub("", markup)


def without_unclosed(markup: str) -> str:
    """Markup without the start tags of hiding elements that nothing closes, so that one
    forgotten end tag does not take the rest of the letter with it. Linear in time."""
    ends: Counter[str] = Counter()
    kept: list[str] = []
    position = len(markup)
    for tag in reversed(list(_HIDING.finditer(markup))):
        name = tag["name"].lower()
        if tag["slash"]:
            ends[name] += 1
        elif name != "plaintext" and ends[name]:
            ends[name] -= 1
        else:
            kept.append(markup[tag.end() : position])
            position = tag.start()
    return "".join([markup[:position], *reversed(kept)])


def is_tractable(markup: str, *, deepest: int = DEEPEST) -> bool:
    """Whether a parser may be let loose on ``markup``."""
    if (
        len(markup) > LONGEST_MARKUP
        or markup.count("<") > MOST_TAGS
        or markup.count("&") > MOST_REFERENCES
    ):
        return False
    return _is_shallow(markup.split("<")[1:], deepest)


def _is_shallow(chunks: list[str], deepest: int) -> bool:
    depth = odd = 0
    is_comment = False
    raw_text = ""
    open_tags: Counter[str] = Counter()
    formatting: set[str] = set()
    for chunk in chunks:
        if chunk.startswith("!--"):
            is_comment = True
        tag = _SIMPLE_TAG.match(chunk)
        if tag is not None:
            name = tag["name"].lower()
            if tag["slash"]:
                if name == raw_text:
                    raw_text = ""
                if not is_comment and not raw_text and open_tags[name] > 0:
                    open_tags[name] -= 1
                    depth -= 1
                name = ""
        else:
            named = _NAME.match(chunk)
            name = named.group().lower() if named else ""
            if name or (chunk[:1] in ("/", "!", "?") and ">" not in chunk):
                odd += 1
        if name:
            if name in _RAW_TEXT and not raw_text:
                raw_text = name
            if name in _FORMATTING:
                # Equal tags are opened anew three times at most ("Noah's Ark clause").
                formatting.add(tag.group() if tag is not None else f"{odd} {name}")
            if name not in _NEVER_NESTS:
                open_tags[name] += 1
                depth += 1
                if depth > deepest:
                    return False
        if is_comment and ("-->" in chunk or "--!>" in chunk or chunk.startswith("!--->")):
            is_comment = False
    return odd <= MOST_ODD_TAGS and 3 * len(formatting) * len(chunks) <= MOST_REOPENED
