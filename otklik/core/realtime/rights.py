"""Who sits before many pages and what of it they may hear of. Runs in a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpRequest

from otklik.core.access import Actor
from otklik.core.realtime.topics import TopicKind, take_apart

IdentifyAll = Callable[[Sequence[HttpRequest]], Sequence[Actor]]


def look(
    identify_all: IdentifyAll, asked: Sequence[tuple[HttpRequest, Sequence[str]]]
) -> list[tuple[Actor, set[str]]]:
    """For each page: who it is, and which of its topics they may see. The same questions as for one
    page, asked for all of them together."""
    actors = identify_all([request for request, _topics in asked])
    allowed: list[set[str]] = [set() for _ in asked]
    kinds: dict[str, TopicKind] = {}
    wanted: dict[str, list[tuple[int, str, str]]] = {}
    for at, (_request, topics) in enumerate(asked):
        for topic in topics:
            found = take_apart(topic)
            if found is not None:
                kind, ident = found
                kinds[kind.prefix] = kind
                wanted.setdefault(kind.prefix, []).append((at, topic, ident))
    for prefix, rows in wanted.items():
        kind = kinds[prefix]
        pairs = [(actors[at], ident) for at, _topic, ident in rows]
        may = kind.may_all(pairs) if kind.may_all else [kind.may_subscribe(*one) for one in pairs]
        for (at, topic, _ident), is_allowed in zip(rows, may, strict=True):
            if is_allowed:
                allowed[at].add(topic)
    return list(zip(actors, allowed, strict=True))
