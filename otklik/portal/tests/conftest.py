from __future__ import annotations

import pytest
from django.core.cache import cache

from otklik.portal.tests.factories import furnish_desk


@pytest.fixture(autouse=True)
def _fresh_counters():
    """Limits are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def desk(db):
    """Statuses, roles, the default brand with a mailbox and its web account."""
    return furnish_desk()
