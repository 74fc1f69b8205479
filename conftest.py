"""Fixtures every room may use. The cast and its things come from the rooms' own factories."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone, translation
from playwright.sync_api import Browser, Page, expect
from structlog.contextvars import clear_contextvars

from otklik.channels.screening import by_words
from otklik.core.access import permissions
from otklik.core.db import briefly
from otklik.core.events import dispatcher
from otklik.core.operations import restoring
from otklik.core.realtime import topics, wire
from otklik.core.realtime.presence import here
from otklik.core.rest import limits as rest_limits
from otklik.core.vocabulary import conditions, effects, placeholders
from otklik.people import limits as people_limits
from otklik.people.actions import merging
from otklik.plugins.channel_email import accepting
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.tickets.bulk import running as bulk
from tests.services import Missing, emptying
from tests.services.chromium import chromium as run_chromium
from tests.services.desk import LiveDesk, desk
from tests.services.dovecot import ImapServer, dovecot
from tests.services.postfix import SmtpServer, postfix
from tests.services.postgres import postgres
from tests.services.ready import cluster, put_tables
from tests.services.redis import redis


@pytest.fixture(autouse=True)
def fresh_reader() -> Iterator[None]:
    """No test meets the language, time zone, beliefs, counted requests, open pages, lost messages
    or mailboxes that another one left."""
    briefly.forget()
    by_words.forget()
    here._places.clear()
    wire._gap.clear()
    DIRECTORY.forget()
    accepting._noted.clear()
    yield
    translation.deactivate()
    timezone.deactivate()
    cache.clear()
    clear_contextvars()


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_open() -> Iterator[None]:
    """What a file's tests forgot to close is told of there, not in whichever test comes next."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def listeners_stay_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes listeners slow, and slow ones are moved to jobs that no test runs; an
    act on many would want a second job there."""
    monkeypatch.setattr(dispatcher, "SLOW", 60.0)
    monkeypatch.setattr(merging, "_AT_ONCE", 60.0)
    monkeypatch.setattr(bulk, "SECONDS", 600.0)


class _StoppedWatch:
    def __init__(self) -> None:
        self._now = time.time()

    def time(self) -> float:
        return self._now


@pytest.fixture(autouse=True)
def moments_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted by the minute is counted in one minute, and what is believed for two seconds
    for as long as a test takes: the same on any machine, at any second."""
    for limits in (people_limits, rest_limits):
        monkeypatch.setattr(limits, "time", _StoppedWatch())
    monkeypatch.setattr(briefly, "SECONDS", 600.0)


# What rooms register when the program starts, and tests add to.
REGISTRIES = (
    (permissions, "_permissions"),
    (topics, "_kinds"),
    (restoring, "_undos"),
    (placeholders, "_placeholders"),
    (conditions, "_conditions"),
    (effects, "_effects"),
)


@pytest.fixture(autouse=True)
def registries_as_the_program_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers ends with it: tests of any order meet the program as it is."""
    for module, name in REGISTRIES:
        monkeypatch.setattr(module, name, dict(getattr(module, name)))


@pytest.fixture(autouse=True, scope="session")
def quiet_end() -> Iterator[None]:
    """A process that ends leaves no open socket to warn of."""
    yield
    wire.hang_up()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """Tables that were made before, emptied in our way after a test that commits."""
    with django_db_blocker.unblock():
        put_tables(connection)
        made = setup_databases(verbosity=0, interactive=False, keepdb=True)
        emptying.remember_first_rows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.empty)
        yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a real PostgreSQL, whatever the tests themselves run on."""
    given = os.environ.get("OTKLIK_TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        with postgres(begin=cluster()) as url:
            yield url
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a real Redis."""
    given = os.environ.get("OTKLIK_TEST_REDIS_URL")
    if given:
        yield given
        return
    try:
        with redis() as url:
            yield url
    except Missing as missing:
        pytest.skip(str(missing))


# What a page shows is waited for, never timed: two cores run two suites of a desk each.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, shared by the tests of one file: while it runs, Playwright's event loop is
    the thread's own, and other tests want to start theirs."""
    try:
        with run_chromium() as browser:
            yield browser
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page without cookies, 1440 × 900; fails the test on any error of the page's own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(30_000)
    yield opened
    context.close()
    assert not errors


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    """A real Dovecot; every address has a mailbox."""
    try:
        with dovecot() as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A real Postfix, empty for each test, that takes every letter."""
    try:
        with postfix() as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def live_desk() -> Iterator[LiveDesk]:
    """A whole desk with the demo company, shared by the tests of one worker."""
    with desk({"OTKLIK_DEMO": "1"}) as live:
        yield live
