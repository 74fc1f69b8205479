"""The servers that tests run against are real and answer."""

from __future__ import annotations

import psycopg
import pytest
import redis
from playwright.sync_api import Page


@pytest.mark.data
def test_postgresql_starts_and_answers(postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as connection:
        row = connection.execute(
            "select count(*) from pg_collation where collname = 'C'"
        ).fetchone()
    assert row is not None
    assert row[0] >= 1


@pytest.mark.redis
def test_redis_starts_and_answers(redis_server: str) -> None:
    with redis.Redis.from_url(redis_server) as client:
        assert client.ping()


@pytest.mark.screen
def test_chromium_draws_a_page(page: Page) -> None:
    page.set_content("<h1>Отклик</h1>")
    assert page.locator("h1").inner_text() == "Отклик"
