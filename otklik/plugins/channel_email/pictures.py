"""Pictures of a letter: which are shown inside its text, and by which address."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from urllib.parse import unquote

from .body import Body

_CID = re.compile(r"cid:([^\"'\s<>)]{1,300})", re.IGNORECASE)


def place_pictures(body: Body) -> None:
    """Give every shown picture its id in the HTML; the others are files and nothing else."""
    _keep_between_texts(body)
    if body.locations:
        _replace_locations(body)
    ids = {file.content_id for file in body.files if file.content_id}
    if ids:
        for segment in body.segments:
            if "cid:" in segment.html.lower():
                segment.html = _CID.sub(lambda found: _spelled(found, ids), segment.html)
    shown = {found[1] for found in _CID.finditer(body.html)} if ids else set()
    body.files = [
        replace(file, is_inline=bool(file.content_id) and escape(file.content_id) in shown)
        for file in body.files
    ]


def _keep_between_texts(body: Body) -> None:
    """A picture keeps its place only when text follows it; at the end it is an attachment."""
    while body.segments and body.segments[-1].is_picture:
        body.segments.pop()
    for segment in body.segments:
        if not segment.is_picture or segment.picture >= len(body.files):
            continue
        file = body.files[segment.picture]
        if not file.content_id:
            file = replace(file, content_id=f"picture-{segment.picture + 1}@inline")
            body.files[segment.picture] = file
        segment.picture_id, segment.picture_name = file.content_id, file.name


def _replace_locations(body: Body) -> None:
    """RFC 2557: pictures called by their Content-Location instead of an id."""
    for location, number in list(body.locations.items())[:100]:
        file = body.files[number]
        if not file.content_type.startswith("image/"):
            continue
        cid = file.content_id or f"location-{number + 1}@inline"
        is_used = False
        for segment in body.segments:
            for quote in "\"'":
                address = f"{quote}{escape(location)}{quote}"
                if address in segment.html:
                    segment.html = segment.html.replace(address, f"{quote}cid:{cid}{quote}")
                    is_used = True
        if is_used:
            body.files[number] = replace(file, content_id=cid)


def _spelled(found: re.Match[str], ids: set[str]) -> str:
    """The id as the part spells it: programs escape it, or write it in angle brackets."""
    plain = unquote(found[1]).strip("<>")
    return f"cid:{escape(plain)}" if plain in ids else found[0]
