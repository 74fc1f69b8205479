"""Hand out stored files: never as pages of this desk, streamed by the shell without a thread."""

from __future__ import annotations

from typing import BinaryIO

from django.http import FileResponse

from otklik.core.web.headers import set_policy

# What a browser may show in place: pictures that can hold no script, and nothing else.
SHOWN_IN_PLACE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
_WEEK = 7 * 24 * 3600


def send_file(
    stream: BinaryIO, *, name: str, content_type: str, is_inline: bool = False
) -> FileResponse:
    """An answer that streams ``stream`` and closes it; byte ranges are served by the shell.

    ``content_type`` is the sniffed one. Whatever is no harmless picture is a download, whether
    or not ``is_inline`` asks for more.
    """
    is_shown = is_inline and content_type in SHOWN_IN_PLACE
    response = FileResponse(
        stream,
        as_attachment=not is_shown,
        filename=_file_name(name),
        content_type=content_type if is_shown else "application/octet-stream",
    )
    set_policy(response, {"default-src": ("'none'",), "sandbox": ()})
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"private, max-age={_WEEK}, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    return response


def _file_name(name: str) -> str:
    """The last part of what the sender called it, without what a file system could trip over."""
    kept = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return kept.strip(". ")[:200] or "file"
