"""Figures for Prometheus. Several processes of one desk each answer for themselves and, in
``up``, through files the front reads together (``PROMETHEUS_MULTIPROC_DIR``)."""

from __future__ import annotations

import os

from prometheus_client import Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REQUESTS = Histogram(
    "otklik_http_request_seconds",
    "Time a request kept a thread",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
REFUSED = Counter(
    "otklik_http_refused_total", "Requests the shell refused before a thread took them", ["why"]
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Labels are bounded: a stranger cannot make series by inventing methods or paths."""
    REQUESTS.labels(method if method in _METHODS else "other", route, f"{status // 100}xx").observe(
        seconds
    )


def exposition() -> tuple[bytes, str]:
    """(body, content type) of ``/metrics``."""
    from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
