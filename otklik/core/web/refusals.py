"""What the shell itself says to a client it turns away; no view and no thread is involved."""

from __future__ import annotations

import json
from typing import Any

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.web.bridge import Headers


def words_for(status: int, largest: int) -> tuple[str, str]:
    """(what happened, what to do) in the active language."""
    if status == 413:
        size = max(1, largest >> 20)
        return (
            _("This is too large"),
            ngettext(
                "At most %(size)d MB can be sent at once. Nothing was stored.",
                "At most %(size)d MB can be sent at once. Nothing was stored.",
                size,
            )
            % {"size": size},
        )
    if status == 408:
        return (
            _("The connection is too slow"),
            _(
                "What you sent did not arrive in time and was not stored. Send it again, in "
                "smaller pieces if you can."
            ),
        )
    if status == 507:
        return (
            _("The desk has no room for files just now"),
            _("Nothing was stored. Texts without files still arrive; tell whoever runs the desk."),
        )
    if status == 503:
        return (
            _("The desk is busy"),
            _("Nothing is lost that was stored before. Repeat it in a few seconds."),
        )
    return (
        _("This request cannot be understood"),
        _("Go back, load the page again and repeat what you did."),
    )


def refusal(status: int, scope: Any, largest: int) -> tuple[Headers, bytes]:
    """Headers and body in the client's language and form."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    language = _language(headers.get(b"accept-language", ""))
    with translation.override(language):
        title, advice = words_for(status, largest)
    # What was not read of the body is still on its way: the connection cannot be used again.
    answered: Headers = [("Connection", "close"), ("Cache-Control", "no-store")]
    if status == 503:
        answered.append(("Retry-After", "5"))
    if scope["path"].startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "detail": advice, "status": status}
        answered.append(("Content-Type", "application/problem+json"))
        return answered, json.dumps(problem, ensure_ascii=False).encode()
    answered += [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(advice)}</p></html>"
    )
    return answered, page.encode()


def _language(accepted: str) -> str:
    from django.conf import settings
    from django.utils.translation.trans_real import parse_accept_lang_header

    for wanted, _weight in parse_accept_lang_header(accepted[:500]):
        if wanted == "*":
            break
        try:
            return translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
