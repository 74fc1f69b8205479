import gzip
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from otklik.core.access import NOBODY
from otklik.core.realtime.hub import Hub
from otklik.core.settings import config
from otklik.core.web import server as serving
from otklik.core.web.listening import listening_socket
from otklik.core.web.shell import Shell
from otklik.core.web.spool import SpoolLimits
from tests.services import PATIENCE

IMPATIENT = SpoolLimits(largest=1 << 20, idle=0.5, grace=1.0, pace=1 << 20)
# For tests of who dribbles; the others are not cut off for being slow.
cuts_off = pytest.mark.parametrize("limits", [IMPATIENT], ids=["impatient"])


@dataclass
class Desk:
    port: int
    calls: list[dict[str, Any]]
    release: threading.Event
    server: uvicorn.Server

    def connect(self, patience: float = PATIENCE) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        connection = self.connect()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        return response, content

    def raw(self, sent: bytes) -> bytes:
        """What is answered until the desk hangs up; nothing when it does before all is said."""
        with self.link() as link:
            with suppress(ConnectionError):
                link.sendall(sent)
            return _read_all(link)

    def link(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


def _read_all(link: socket.socket) -> bytes:
    parts = []
    try:
        while part := link.recv(65536):
            parts.append(part)
    except (TimeoutError, ConnectionResetError):
        pass
    return b"".join(parts)


@pytest.fixture
def limits() -> SpoolLimits:
    return SpoolLimits(largest=1 << 20)


@pytest.fixture
def desk(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, limits: SpoolLimits
) -> Iterator[Desk]:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "app-AB12CD34.js").write_text("console.log('отклик');" * 100)
    (dist / "plain.css").write_text("body{}")
    (tmp_path / "secret.txt").write_text("key")
    settings.STATICFILES_DIRS = [dist]
    settings.STATIC_URL = "/static/"
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    from dataclasses import replace

    here = replace(config(), home=tmp_path, redis_url="")
    for module in ("wire", "listen"):
        monkeypatch.setattr(f"otklik.core.realtime.{module}.config", lambda: here)
    if limits is IMPATIENT:
        monkeypatch.setattr(serving, "HEADER_PATIENCE", 0.7)
    else:
        monkeypatch.setattr("otklik.core.web.shell._LINGER", PATIENCE)
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 40_000)
    calls: list[dict[str, Any]] = []
    release = threading.Event()

    def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
        body = environ["wsgi.input"].read()
        calls.append({**environ, "body": body, "thread": threading.current_thread().name})
        path = environ["PATH_INFO"]
        if path == "/slow":
            release.wait(PATIENCE)
        if path == "/file":
            start_response("200 OK", [("Content-Type", "application/octet-stream")])
            return environ["wsgi.file_wrapper"](large.open("rb"))
        if path == "/stream":
            start_response("200 OK", [("Content-Type", "text/csv")])
            return (b"row\n" * 1000 for _ in range(1000))
        content = b"<p>page</p>" * (500 if path == "/page" else 1)
        cookie = ("Set-Cookie", " otklik_csrf=x; Path=/")  # the space is Django's
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), cookie])
        return [content]

    hub = Hub(lambda _: NOBODY)
    shell = Shell(wsgi, hub, threads=2, limits=limits)
    listener = listening_socket("127.0.0.1", 0)
    server = serving.make_server(shell)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Desk(listener.getsockname()[1], calls, release, server)
    release.set()
    server.should_exit = True
    thread.join(PATIENCE)
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    assert not thread.is_alive()


def test_a_page_arrives_and_is_packed_for_who_understands_it(desk: Desk) -> None:
    response, content = desk.ask("GET", "/page")
    assert (response.status, content) == (200, b"<p>page</p>" * 500)
    response, packed = desk.ask("GET", "/page", **{"Accept-Encoding": "br, gzip"})
    assert response.getheader("Content-Encoding") == "gzip"
    assert "Accept-Encoding" in response.getheader("Vary")
    assert gzip.decompress(packed) == content
    lengths = {len(desk.ask("GET", "/page", **{"Accept-Encoding": "gzip"})[1]) for _ in range(8)}
    assert len(lengths) > 1


def test_a_body_arrives_whole_with_its_true_length_also_when_chunked(desk: Desk) -> None:
    desk.ask("POST", "/form", b"x" * 700_000)
    desk.ask("POST", "/form", iter([b"abc", b"def"]))
    assert len(desk.calls[0]["body"]) == 700_000
    assert (desk.calls[1]["body"], desk.calls[1]["CONTENT_LENGTH"]) == (b"abcdef", "6")


def test_a_body_that_is_too_large_is_refused_in_words_before_a_thread_sees_it(desk: Desk) -> None:
    response, content = desk.ask("POST", "/form", b"x" * (3 << 20), **{"Accept-Language": "en"})
    assert response.status == 413
    assert b"At most 1 MB" in content
    endless = iter([b"x" * 65536] * 40)
    response, content = desk.ask("POST", "/api/v1/x", endless)
    assert response.status == 413
    assert json.loads(content)["status"] == 413
    assert desk.calls == []


@cuts_off
def test_a_slow_upload_is_cut_and_takes_no_thread(desk: Desk) -> None:
    started = time.monotonic()
    answer = desk.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - started < 15
    assert desk.calls == []


@cuts_off
def test_a_trickle_of_bytes_does_not_buy_endless_time(desk: Desk) -> None:
    with desk.link() as link:
        link.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        started = time.monotonic()
        try:
            while time.monotonic() - started < 20:
                link.sendall(b"x")
                time.sleep(0.2)
                link.setblocking(False)
                try:
                    if link.recv(4096).startswith(b"HTTP/1.1 408"):
                        break
                except BlockingIOError:
                    pass
                link.settimeout(PATIENCE)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - started < 15
    assert desk.calls == []


def test_eight_slow_clients_do_not_stop_two_threads(desk: Desk) -> None:
    slow = []
    for _ in range(8):
        link = desk.link()
        link.sendall(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")  # asks, and does not read
        slow.append(link)
        link = desk.link()
        link.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")  # does not send
        slow.append(link)
    for _ in range(5):
        assert desk.ask("GET", "/page")[0].status == 200
    assert {call["REQUEST_METHOD"] for call in desk.calls} == {"GET"}
    for link in slow:
        link.close()


@cuts_off
def test_headers_that_never_end_are_cut_and_huge_ones_refused(desk: Desk) -> None:
    with desk.link() as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
        started = time.monotonic()
        assert _read_all(link).startswith(b"HTTP/1.1 408")
        assert time.monotonic() - started < 15
    huge = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 70_000 + b"\r\n\r\n"
    assert desk.raw(huge)[:10] in (b"HTTP/1.1 4", b"")
    assert desk.calls == []


@cuts_off
def test_a_connection_that_says_nothing_is_closed(desk: Desk) -> None:
    with desk.link() as link:
        started = time.monotonic()
        _read_all(link)
        assert time.monotonic() - started < 15


def test_pipelined_requests_are_answered_in_order(desk: Desk) -> None:
    one = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = desk.raw(one + one + last)
    assert answer.count(b"HTTP/1.1 200") == 3
    assert [call["PATH_INFO"] for call in desk.calls] == ["/page", "/page", "/other"]


@cuts_off
@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\tfolded\r\nBad Header: 1\r\n\r\n",
    ],
)
def test_requests_meant_to_confuse_two_servers_reach_no_thread(desk: Desk, sent: bytes) -> None:
    assert b" 200 " not in desk.raw(sent).split(b"\r\n")[0]
    assert desk.calls == []


def test_a_header_with_underscores_cannot_pose_as_another(desk: Desk) -> None:
    desk.ask("GET", "/page", **{"X_Forwarded_For": "1.2.3.4", "X-Forwarded-For": "5.6.7.8"})
    assert desk.calls[0]["HTTP_X_FORWARDED_FOR"] == "5.6.7.8"


def test_static_files_are_served_with_lasting_caching_and_packed(desk: Desk) -> None:
    response, content = desk.ask("GET", "/static/app-AB12CD34.js", **{"Accept-Encoding": "gzip"})
    assert response.status == 200
    assert "immutable" in response.getheader("Cache-Control")
    assert response.getheader("Content-Type").startswith("text/javascript")
    assert "отклик" in gzip.decompress(content).decode()
    response, _ = desk.ask("GET", "/static/plain.css")
    assert response.getheader("Cache-Control") == "no-cache"
    etag = response.getheader("ETag")
    response, content = desk.ask("GET", "/static/plain.css", **{"If-None-Match": etag})
    assert (response.status, content) == (304, b"")
    assert desk.calls == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/..%2fsecret.txt",
        "/static//etc/passwd",
        "/static/",
        "/static/app-AB12CD34.js/../../secret.txt",
        "/static/%00",
    ],
)
def test_no_path_leads_out_of_the_static_folder(desk: Desk, path: str) -> None:
    response, content = desk.ask("GET", path)
    assert response.status == 404
    assert b"key" not in content
    assert b"root:" not in content


def test_files_are_streamed_whole_or_by_range(desk: Desk) -> None:
    whole = bytes(range(256)) * 40_000
    response, content = desk.ask("GET", "/file")
    assert content == whole
    assert response.getheader("Content-Length") == str(len(whole))
    response, content = desk.ask("GET", "/file", Range="bytes=100-199")
    assert (response.status, content) == (206, whole[100:200])
    assert response.getheader("Content-Range") == f"bytes 100-199/{len(whole)}"
    assert desk.ask("GET", "/file", Range="bytes=-5")[1] == whole[-5:]
    assert desk.ask("GET", "/file", Range="bytes=99999999-")[0].status == 416
    assert desk.ask("GET", "/file", Range="bytes=0-1,5-6")[0].status == 200
    response, content = desk.ask("HEAD", "/file")
    assert (response.getheader("Content-Length"), content) == (str(len(whole)), b"")


def test_a_long_export_is_sent_without_sitting_in_memory(desk: Desk) -> None:
    response, content = desk.ask("GET", "/stream")
    assert response.status == 200
    assert content == b"row\n" * 1_000_000


def test_an_answer_leaves_at_once_on_a_kept_connection(desk: Desk) -> None:
    connection = desk.connect()
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    (protocol,) = desk.server.server_state.connections
    served = protocol.transport.get_extra_info("socket")  # type: ignore[union-attr]
    # Nagle's delay against a delayed ACK costs 40 ms each time.
    assert served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    connection.close()


def test_the_process_says_it_is_alive_while_every_thread_is_busy(desk: Desk) -> None:
    busy = [threading.Thread(target=desk.ask, args=("GET", "/slow")) for _ in range(4)]
    for thread in busy:
        thread.start()
    while len(desk.calls) < 2:
        time.sleep(0.01)
    assert desk.ask("GET", "/healthz")[1] == b"ok\n"
    desk.release.set()
    for thread in busy:
        thread.join()


def test_a_socket_of_another_site_is_refused(desk: Desk) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    address = f"ws://127.0.0.1:{desk.port}"
    with pytest.raises(InvalidStatus):
        connect(f"{address}/ws", additional_headers={"Origin": "https://evil.example"})
    with pytest.raises(InvalidStatus):
        connect(f"{address}/other", additional_headers={"Origin": f"http://127.0.0.1:{desk.port}"})
    with connect(
        f"{address}/ws", additional_headers={"Origin": f"http://127.0.0.1:{desk.port}"}
    ) as link:
        link.send(json.dumps([1]))
        with pytest.raises(Exception, match="4400"):
            link.recv(timeout=PATIENCE)
