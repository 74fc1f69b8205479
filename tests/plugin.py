"""Loaded before Django's settings: gives every test process a home and a database of its own.

``OTKLIK_TEST_DB=postgresql`` runs the tests on PostgreSQL (``OTKLIK_TEST_DATABASE_URL``, else one
started here); otherwise they run on SQLite.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.services import Missing
from tests.services.postgres import postgres
from tests.services.ready import ROOT, cluster

# What takes longest goes first, so that the workers end together.
LONG_FILES = (
    "otklik/project/tests/test_backup.py",
    "tests/faults/test_kills.py",
    "tests/test_every_page.py",
    "tests/test_what_opens.py",
    "otklik/project/tests/test_move.py",
    "otklik/workspace/settings_screens/tests/test_screens.py",
    "tests/rest/test_description.py",
    "tests/faults/test_undo_send.py",
    "otklik/workspace/tests/test_screens.py",
    "otklik/portal/tests/test_screens.py",
    "otklik/project/tests/test_cli.py",
    "otklik/project/tests/test_supervisor.py",
    "tests/test_two_nodes.py",
    "tests/test_main_path.py",
    "tests/test_reading_writes_nothing.py",
    "otklik/ui/tests/test_behaviours.py",
    "tests/faults/test_floods.py",
    "tests/faults/test_postfix_pair.py",
    "otklik/project/tests/test_demo.py",
    "tests/faults/test_full_disk.py",
    "tests/test_notifications.py",
    "otklik/core/outbox/tests/test_running.py",
    "otklik/core/jobs/tests/test_worker.py",
    "tests/test_services.py",
    "otklik/workspace/tests/test_nothing_is_lost.py",
    "bench/tests/test_seed.py",
    "otklik/kit/tests/test_html.py",
)
_PASSED_ON = {"OTKLIK_TEST_DATABASE_URL", "OTKLIK_TEST_REDIS_URL"}
_HOME = "PYTEST_OTKLIK_HOME"
_session = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _prepare_run()
    home = Path(os.environ[_HOME]) / (worker or "main")
    home.mkdir(exist_ok=True)
    os.environ["OTKLIK_HOME"] = str(home)
    yield


def _prepare_run() -> None:
    """Done once, in the process whose environment the workers inherit."""
    wanted = os.environ.get("OTKLIK_TEST_DB", "sqlite")
    for name in [name for name in os.environ if name.startswith("OTKLIK_")]:
        if name not in _PASSED_ON:
            del os.environ[name]
    _keep_bytecode()
    atexit.register(_session.close)  # also after a start that fails
    home = tempfile.mkdtemp(prefix="otklik-tests-")
    _session.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ[_HOME] = home
    os.environ["OTKLIK_DEMO"] = "0"
    if wanted == "postgresql":
        try:
            given = os.environ.get("OTKLIK_TEST_DATABASE_URL")
            url = given or _session.enter_context(postgres(begin=cluster()))
        except Missing as missing:
            pytest.exit(f"Not run: {missing}", returncode=4)
        os.environ["OTKLIK_DATABASE_URL"] = url
    elif wanted != "sqlite":
        pytest.exit("OTKLIK_TEST_DB is sqlite or postgresql", returncode=4)


def _keep_bytecode() -> None:
    """Workers and desks start in half the time from what one of them has compiled, as in `make`."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".cache" / "bytecode"))
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    from django.conf import settings

    # A hundred sign-ins with a slow hash would be most of the run.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        # A file, not memory: threads and processes meet there as they do in a real desk.
        database.setdefault("TEST", {})["NAME"] = str(Path(os.environ["OTKLIK_HOME"], "test.db"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
