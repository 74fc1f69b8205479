"""Putting things into the index and taking them out, in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from otklik.core.db import write
from otklik.core.search.tokens import body_tokens, key_tokens, kind_token, title_tokens, vector

if TYPE_CHECKING:
    from otklik.core.search.models import SearchDocument


# One hold of the write gate: what agents do waits no longer than for so many.
AT_ONCE = 20


def index(
    kind: str, object_id: int, *, title: str, body: str, scopes: Iterable[str], at: datetime
) -> None:
    """Add or replace one document. Only who has one of ``scopes`` finds it; none: nobody does.

    ``title`` weighs more than ``body`` (what people remember first: subject, name, number).
    Stemming a long body takes milliseconds, so call it outside ``write()``.
    """
    index_many(kind, {object_id: {"title": title, "body": body, "scopes": scopes, "at": at}})


def index_many(kind: str, contents: Mapping[int, Mapping[str, Any]]) -> None:
    """The same for several objects of one kind: what ``index`` takes by name, by object."""
    ids = sorted(contents, key=lambda pk: contents[pk]["at"])
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        documents = [prepare_document(kind, pk, **contents[pk]) for pk in some]
        with write():
            _put(kind, documents)


def prepare_document(
    kind: str, object_id: int, *, title: str, body: str, scopes: Iterable[str], at: datetime
) -> SearchDocument:
    """The slow half of ``index``, no database yet. ValueError for a malformed kind or scope."""
    from otklik.core.search.models import SearchDocument

    keys = key_tokens(kind, scopes)
    title_words, body_words = title_tokens(title), body_tokens(body)
    return SearchDocument(
        kind=kind,
        object_id=object_id,
        at=at,
        indexed_at=timezone.now(),
        keys=" ".join(keys),
        title=" ".join(title_words),
        body=" ".join(body_words),
        tokens=vector(keys, title_words, body_words),
    )


def _put(kind: str, documents: Sequence[SearchDocument]) -> None:
    """A document whose time has changed becomes a new row: rows are in the order of their times,
    so that the newest are found without sorting all.
    """
    from otklik.core.search.models import SearchDocument

    at = {document.object_id: document.at for document in documents}
    stored = SearchDocument.objects.filter(kind=kind, object_id__in=list(at))
    known = stored.values_list("pk", "object_id", "at")
    moved = [pk for pk, object_id, then in known if then != at[object_id]]
    if moved:
        SearchDocument.objects.filter(pk__in=moved).delete()
    SearchDocument.objects.bulk_create(
        documents,
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["at", "indexed_at", "keys", "title", "body", "tokens"],
    )


def remove(kind: str, object_id: int) -> None:
    """Take one document out; no error when it is not there."""
    from otklik.core.search.models import SearchDocument

    kind_token(kind)
    with write():
        SearchDocument.objects.filter(kind=kind, object_id=object_id).delete()
