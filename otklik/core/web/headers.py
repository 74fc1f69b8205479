"""The headers of every page: what it may load, who may frame it, what may keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from otklik.core.settings import config

V = TypeVar("V", bound=Callable[..., Any])

Directives = dict[str, tuple[str, ...]]
_OWN_POLICY = "_otklik_policy"


@lru_cache(maxsize=1)
def page_policy() -> Directives:
    """What an ordinary page may do: nothing that does not come from this desk."""
    files = (config().files_origin,) if config().files_origin else ()
    return {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "img-src": ("'self'", "data:", "blob:", *files),
        "media-src": ("'self'", *files),
        "connect-src": ("'self'",),
        "font-src": ("'self'",),
        "frame-src": ("'self'",),
        "manifest-src": ("'self'",),
        "worker-src": ("'self'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'none'",),
        "base-uri": ("'none'",),
    }


# A frame that shows the HTML of a letter: no script, no forms, links open outside.
MAIL_FRAME: Directives = {
    "default-src": ("'none'",),
    "img-src": ("'self'", "data:"),
    "style-src": ("'unsafe-inline'",),
    "form-action": ("'none'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'self'",),
    "sandbox": ("allow-popups", "allow-popups-to-escape-sandbox"),
}


def policy(replaced: Directives | None = None, **changed: Iterable[str]) -> Callable[[V], V]:
    """Give a view another policy: a whole one, or single directives over the page's own.

    ``@policy(MAIL_FRAME)``; ``@policy(frame_ancestors=["https://shop.example"])``.
    """

    def decorate(view: V) -> V:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            response = view(*args, **kwargs)
            set_policy(response, replaced, **changed)
            return response

        return run  # type: ignore[return-value]

    return decorate


def set_policy(
    response: HttpResponseBase, replaced: Directives | None = None, **changed: Iterable[str]
) -> None:
    """The same for one response, where the view finds out only then (the embeddable form)."""
    directives = dict(page_policy() if replaced is None else replaced)
    for name, values in changed.items():
        words = tuple(values)
        if any(not word or any(c in word for c in " ;,\r\n\t") for word in words):
            raise ValueError(f"no source of a policy: {words!r}")
        directives[name.replace("_", "-")] = words
    setattr(response, _OWN_POLICY, directives)


def apply_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Fill in what the view has not set itself."""
    headers = response.headers
    directives: Directives = getattr(response, _OWN_POLICY, None) or page_policy()
    headers.setdefault("Content-Security-Policy", _written(directives))
    if directives.get("frame-ancestors") == ("'none'",):
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(), payment=(), usb=()")
    if headers.get("Content-Type", "").startswith("text/html"):
        headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ("HX-Request",))
    else:
        headers.setdefault("Cache-Control", "private, no-cache")


def _written(directives: Directives) -> str:
    return "; ".join(" ".join((name, *values)) for name, values in directives.items())
