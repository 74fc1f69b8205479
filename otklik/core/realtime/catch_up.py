"""What a page missed while it was cut off. Runs in a worker thread; takes no write lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Max, Q
from django.utils import timezone

from otklik.core.events.models import EventRow
from otklik.core.realtime.topics import take_apart

# Commits are not in id order: a lower id may have become visible a moment after the page looked.
_LATE_COMMITS = timedelta(seconds=2)
_LONGEST = 86_400  # seconds a page may claim to be old


def list_changed(
    shown: Mapping[str, int | None], since: int | None, age: int | None = None
) -> dict[str, int | None]:
    """Topic → version now, for every topic that is not at the version the page shows.

    A topic without a version counts as changed when the log holds anything new since the event
    ``since``, or within ``age`` seconds for a page that was drawn so long ago and knows of no
    event; with neither the page is taken as fresh.
    """
    changed: dict[str, int | None] = {}
    is_log_ahead: bool | None = None
    for topic, version in shown.items():
        found = take_apart(topic)
        if found is None:
            continue
        kind, ident = found
        current = kind.current_version(ident)
        if current is not None:
            if version is not None and version != current:
                changed[topic] = current
        elif kind.is_logged and not (since is None and age is None):
            if is_log_ahead is None:
                is_log_ahead = _is_ahead(since, age)
            if is_log_ahead:
                changed[topic] = None
    return changed


def latest_event() -> int:
    return EventRow.objects.aggregate(latest=Max("id"))["latest"] or 0


def _is_ahead(since: int | None, age: int | None) -> bool:
    if since is not None:
        return _has_events_after(since)
    last = EventRow.objects.order_by("-pk").values_list("recorded_at", flat=True).first()
    drawn = timezone.now() - timedelta(seconds=min(age or 0, _LONGEST)) - _LATE_COMMITS
    return last is not None and last > drawn


def _has_events_after(since: int) -> bool:
    seen = EventRow.objects.filter(pk=since).values_list("recorded_at", flat=True).first()
    if seen is None:
        # Pruned, or never ours: the page cannot know what it missed.
        return True
    late = Q(pk__lt=since, pk__gt=since - 100, recorded_at__gt=seen - _LATE_COMMITS)
    return EventRow.objects.filter(Q(pk__gt=since) | late).exists()
