"""The parts of a running desk: the front (HTTP, sockets) and the services of the back."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import structlog

from otklik.core.hooks.program import Part, Service, list_services
from otklik.core.settings import config

logger = structlog.get_logger(__name__)

# Seconds the services get to end what they are at; what they lose is leased and comes again.
STOP_PATIENCE = 6.0
_LONGEST_BACK_OFF = 60.0


def refuse_open_demo() -> None:
    """The demo is for this machine only, unless the operator says otherwise."""
    from otklik.project.stopping import Stop

    if config().demo == "1" and not is_loopback(config().host):
        raise Stop(
            f"the demo listens on this machine only, not on {config().host}. To show it to others "
            "set OTKLIK_DEMO=public; to work with real customers set OTKLIK_DEMO=0.",
            78,
        )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def run_front(listener: socket.socket) -> None:
    """Serve pages and sockets until SIGTERM or SIGINT."""
    from otklik.core.jobs.nodes import being_seen
    from otklik.core.web.server import serve
    from otklik.project.asgi import make_shell

    # uvicorn hands the signal on when it has ended; it has done its work by then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _nothing)
    with being_seen("web"), web_services():
        serve(make_shell(), listener)


@contextmanager
def web_services() -> Iterator[None]:
    """What runs beside the pages in their own process, until they end; then it finishes."""
    stop = threading.Event()
    threads = _start(list_services(Part.WEB), stop)
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(STOP_PATIENCE)


def run_services(*parts: Part, stop: threading.Event | None = None) -> int:
    """Run the services of these parts, each in a thread, until SIGTERM or SIGINT."""
    from otklik.core.jobs.nodes import being_seen

    with being_seen("+".join(parts) or "back"):
        return _run_services(parts, stop or threading.Event())


def _run_services(parts: tuple[Part, ...], stop: threading.Event) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = _start(list_services(*parts), stop)
    while not stop.wait(1.0):
        pass
    deadline = time.monotonic() + STOP_PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        logger.warning("services_cut", services=late)
        # Interpreter shutdown would wait for their threads; leases make the cut safe.
        os._exit(0)
    return 0


def _start(services: Iterable[Service], stop: threading.Event) -> list[threading.Thread]:
    threads = [
        threading.Thread(target=_keep_running, args=(each, stop), name=each.name, daemon=True)
        for each in services
    ]
    for thread in threads:
        thread.start()
    return threads


def _keep_running(service: Service, stop: threading.Event) -> None:
    """Start a service again when it fails: at once at first, later and later if it goes on."""
    wait = 1.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            service.run(stop)
            if not stop.is_set():
                logger.warning("service_ended_early", service=service.name)
        except Exception:
            logger.exception("service_failed", service=service.name)
        if time.monotonic() - started > _LONGEST_BACK_OFF:
            wait = 1.0
        stop.wait(wait)
        wait = min(wait * 2, _LONGEST_BACK_OFF)


def _nothing(*_: object) -> None:
    return None
