"""A server for the browser tests, without database or people."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler

from otklik.ui.assets import DIST
from otklik.ui.tests import site


@pytest.fixture
def guide() -> Iterator[str]:
    """The address of a running style guide under the strict policy."""
    with override_settings(
        ROOT_URLCONF="otklik.ui.tests.site",
        MIDDLEWARE=[
            "otklik.ui.tests.site.strict_policy",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        ALLOWED_HOSTS=["127.0.0.1"],
        STATIC_URL="/static/",
        STATICFILES_DIRS=[DIST],
        DEBUG=True,  # so that static files are served
    ):
        site.memory.__init__()  # type: ignore[misc]
        server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()
