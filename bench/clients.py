"""Clients that keep their connection, and how long their requests took."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

from bench.seed import ADMINISTRATOR, PASSWORD

TIMEOUT = 30


@dataclass
class Figures:
    """Seconds each, and how long all of them took together."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed


class Client:
    """One browser or program; raises RuntimeError for an answer that is no success."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._headers = {"Accept-Encoding": "gzip", "Accept-Language": "ru"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._cookies: dict[str, str] = {}

    def sign_in(self) -> Client:
        page = self.get("/sign-in/", encoding="identity").decode()
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        words = {"email": ADMINISTRATOR, "password": PASSWORD, "next": ""}
        if csrf:
            words["csrfmiddlewaretoken"] = csrf[1]
        self.ask(
            "POST",
            "/sign-in/",
            urlencode(words),
            {"Content-Type": "application/x-www-form-urlencoded"},
            expect=(302,),
        )
        return self

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def keep_cookie(self, name: str, value: str) -> None:
        self._cookies[name] = value

    def get(self, path: str, *, encoding: str = "gzip", **headers: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, None, {"Accept-Encoding": encoding, **named})

    def ask(
        self,
        method: str,
        path: str,
        body: str | None,
        headers: dict[str, str],
        expect: tuple[int, ...] = (200, 201),
    ) -> bytes:
        sent = {**self._headers, **headers}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in expect:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";", 1)[0].partition("=")
            self._cookies[name] = value
        return content


def measure(
    make: Callable[[int], Callable[[int], object]], *, times: int, clients: int = 1
) -> Figures:
    """Let each client do its share; ``make(client)`` returns what it does, called with 0, 1, ….

    Raises what a client raised: a failed request is no figure.
    """
    figures = Figures()
    errors: list[BaseException] = []
    lock, begin = threading.Lock(), threading.Barrier(clients + 1)

    def work(number: int, shares: Iterable[int]) -> None:
        try:
            do = make(number)
            do(-1)  # once for nothing: connection and caches
        except BaseException as error:
            errors.append(error)
            begin.abort()
            return
        begin.wait()
        for at in shares:
            started = time.perf_counter()
            try:
                do(at)
            except BaseException as error:
                errors.append(error)
                return
            took = time.perf_counter() - started
            with lock:
                figures.seconds.append(took)

    threads = [
        threading.Thread(target=work, args=(number, range(number, times, clients)))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        begin.wait(timeout=60)
    except threading.BrokenBarrierError:
        pass
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    figures.elapsed = time.perf_counter() - started
    if errors:
        raise errors[0]
    return figures
