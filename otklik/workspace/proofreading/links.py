"""Links that lead nowhere: asked in the background, remembered for a while, hardly waited for."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from urllib.parse import urlsplit

import structlog
from django.core.cache import cache

from otklik.core.settings import config
from otklik.kit.outbound import TooLargeError, fetch
from otklik.kit.targets import OutboundError
from otklik.workspace.proofreading.findings import Draft, Finding, links_in

logger = structlog.get_logger(__name__)

MOST_LINKS = 10
PATIENCE = 1.5  # seconds a reply waits for all its links
_ONE = 4.0  # seconds one link may take in the background
_REMEMBERED = 600
_FORGOTTEN = 60  # of a network that did not answer
# What a server says of a page that is not there; anything else may be the visitor's fault.
_GONE = frozenset({404, 410})
_LARGEST = 20_000

_pool: ThreadPoolExecutor | None = None
_pool_lock = threading.Lock()
_running: dict[str, Future[bool]] = {}


def find_dead_links(draft: Draft) -> list[Finding]:
    """Those that are known to be dead when the patience ends; unreachable networks say nothing."""
    links = _foreign(draft.links)
    begun = [_begin(link) for link in links]
    wait([future for future in begun if future is not None], timeout=PATIENCE)
    dead = [link for link in links if cache.get(_key(link)) == "dead"]
    return [_finding(draft, link) for link in dead]


def warm_links(html: str) -> None:
    """Begin asking for the links of a draft, so that their answer is there when it is sent."""
    for link in _foreign(links_in(html)):
        _begin(link)


def _begin(link: str) -> Future[bool] | None:
    if cache.get(_key(link)) is not None:
        return None
    with _pool_lock:
        global _pool
        if _pool is None:
            _pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="links")
        known = _running.get(link)
        if known is None and len(_running) < 100:
            known = _running[link] = _pool.submit(_ask, link)
        return known


def _ask(link: str) -> bool:
    is_dead = False
    try:
        is_dead = _is_gone(link)
        cache.set(_key(link), "dead" if is_dead else "alive", _REMEMBERED)
    except OutboundError:
        cache.set(_key(link), "unknown", _FORGOTTEN)
    except Exception:
        # On a thread of its own, where nobody hears of it: a link that surprised us is no dead one.
        logger.exception("link_check_failed")
    finally:
        with _pool_lock:
            _running.pop(link, None)
    return is_dead


def _is_gone(link: str) -> bool:
    """A server that says so twice: some answer HEAD with what they would never answer GET."""
    allowed = config().private_targets
    if (
        fetch("HEAD", link, seconds=_ONE / 2, max_bytes=_LARGEST, allowed=allowed).status
        not in _GONE
    ):
        return False
    try:
        answer = fetch("GET", link, seconds=_ONE / 2, max_bytes=_LARGEST, allowed=allowed)
    except TooLargeError:
        return False
    return answer.status in _GONE


def _foreign(links: Iterable[str]) -> list[str]:
    own = urlsplit(config().public_url).netloc.lower()
    return [link for link in links if urlsplit(link).netloc.lower() not in ("", own)][:MOST_LINKS]


def _key(link: str) -> str:
    return f"link:{hashlib.sha256(link.encode('utf-8', 'replace')).hexdigest()[:40]}"


def _finding(draft: Draft, link: str) -> Finding:
    start = draft.text.find(link)
    return Finding("link", link, start, start + len(link)) if start >= 0 else Finding("link", link)
