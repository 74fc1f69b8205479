"""Building the index anew from the rooms that own what is searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import structlog
from django.utils import timezone

from otklik.core.db import write
from otklik.core.search.documents import AT_ONCE, index_many
from otklik.core.search.tokens import kind_token

logger = structlog.get_logger(__name__)


# The object's id and what `index` takes by name: title, body, scopes, at.
Document = tuple[int, Mapping[str, Any]]
Iterate = Callable[[], Iterable[Document]]

_sources: dict[str, Iterate] = {}


def register_source(kind: str, iterate: Iterate) -> None:
    """Tell how all documents of ``kind`` are read, oldest first; called from ``apps.ready()``.

    ``iterate`` yields each object's id and the arguments of ``index`` by name.
    """
    kind_token(kind)
    known = _sources.get(kind)
    if known is not None and known is not iterate:
        raise ValueError(f"documents of kind {kind!r} have a source already")
    _sources[kind] = iterate


def list_kinds() -> list[str]:
    """Kinds with a source, in order of registration."""
    return list(_sources)


def rebuild(kind: str, progress: Callable[[int], None] | None = None) -> int:
    """Index every document of ``kind`` anew and drop what its source no longer has.

    In small transactions beside a running desk; it may be stopped and started again. ``progress``
    hears how many are done. Returns their number; KeyError for a kind without a source.
    """
    from otklik.core.search.models import SearchDocument

    iterate = _sources[kind]
    begun = timezone.now()
    done = 0
    for batch in _batches(iter(iterate())):
        index_many(kind, dict(batch))
        done += len(batch)
        if progress is not None:
            progress(done)
    stale = SearchDocument.objects.filter(kind=kind, indexed_at__lt=begun)
    dropped = 0
    while ids := list(stale.values_list("pk", flat=True)[:100]):
        with write():
            dropped += SearchDocument.objects.filter(pk__in=ids, indexed_at__lt=begun).delete()[0]
    logger.info("search_rebuilt", kind=kind, documents=done, dropped=dropped)
    return done


def _batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while batch := list(islice(documents, AT_ONCE)):
        yield batch
