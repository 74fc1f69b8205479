"""What a topic is, and the ones there are. Rooms above add their own from ``apps.ready()``."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Topic:
    """``paragraphs`` are sentences in plain text; ``keys`` are (key, what it does)."""

    code: str
    title: str | Promise
    paragraphs: tuple[str | Promise, ...]
    keys: tuple[tuple[str, str | Promise], ...] = ()
    order: int = 100


_topics: dict[str, Topic] = {}


def register_topic(topic: Topic) -> None:
    _topics[topic.code] = topic


def find_topic(code: str) -> Topic | None:
    return _topics.get(code)


def list_topics() -> list[Topic]:
    return sorted(_topics.values(), key=lambda topic: (topic.order, topic.code))
