"""Inline styles reduced to what text needs: colours, sizes, borders; nothing that loads or runs."""

from __future__ import annotations

import re

from otklik.kit.html.bounds import word_set

LONGEST_STYLE = 4000

_PROPERTIES = word_set(
    "color background-color background font font-family font-size font-style font-weight "
    "font-variant letter-spacing line-height text-align text-decoration text-indent text-"
    "transform vertical-align white-space word-break word-wrap overflow-wrap direction width "
    "max-width min-width height max-height min-height display float clear margin margin-top "
    "margin-right margin-bottom margin-left padding padding-top padding-right padding-bottom "
    "padding-left border border-top border-right border-bottom border-left border-color "
    "border-style border-width border-top-color border-top-style border-top-width border-"
    "right-color border-right-style border-right-width border-bottom-color border-bottom-"
    "style border-bottom-width border-left-color border-left-style border-left-width border-"
    "radius border-collapse border-spacing table-layout list-style list-style-type"
)
# No url(), no expression(), no escapes, no comments: only words, numbers, colours, quoted names.
_VALUE = re.compile(
    r"""(?:[\w\s#%.,!+-]|"[\w\s.,-]*+"|'[\w\s.,-]*+'|(?:rgb|hsl)a?\([\d\s.,%/deg-]*+\))+""", re.I
)
_BEYOND_THE_FRAME = re.compile(r"(?:^|[\s:])-\d|\d{5,}")


def clean_style(style: str) -> str:
    """The safe declarations of an inline style, normalised; empty when none is left."""
    kept = []
    for declaration in style[:LONGEST_STYLE].split(";"):
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or name not in _PROPERTIES or _VALUE.fullmatch(value) is None:
            continue
        # Text pulled out of its place may cover or fake what stands around it.
        if name.startswith(("margin", "text-indent")) and _BEYOND_THE_FRAME.search(value):
            continue
        kept.append(f"{name}:{value}")
    return ";".join(kept)
