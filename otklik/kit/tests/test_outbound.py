import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest

from otklik.kit import targets
from otklik.kit.outbound import OutboundTimeoutError, TooLargeError, fetch
from otklik.kit.targets import ForbiddenTargetError, UnreachableError, is_allowed, resolve

LOOPBACK = (ip_network("127.0.0.0/8"),)


class Site(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("Host")))
        if self.path == "/text":
            self._send(200, "Полдень".encode())
        elif self.path == "/large":
            self._send(200, b"x" * 100_000)
        elif self.path == "/bomb":
            self._send(200, gzip.compress(b"x" * 50_000_000), encoding="gzip")
        elif self.path == "/gzip":
            self._send(200, gzip.compress(b"coffee"), encoding="gzip")
        elif self.path == "/broken":
            self._send(200, b"no gzip at all", encoding="gzip")
        elif self.path.startswith("/to?"):
            self._send(302, b"", location=self.path.partition("?")[2])
        elif self.path == "/drip":
            self.send_response(200)
            for _ in range(200):
                self.wfile.write(b"X-Drop: 1\r\n")
                time.sleep(0.05)
        else:
            self._send(404, b"no")

    def do_POST(self):
        self._send(200, self.rfile.read(int(self.headers["Content-Length"])))

    def _send(self, status, body, encoding="", location=""):
        self.send_response(status)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that hangs up early is what some of these tests are about


@pytest.fixture
def site():
    server = Server(("127.0.0.1", 0), Site)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def url(site, path, host="127.0.0.1"):
    return f"http://{host}:{site.server_port}{path}"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1%eth0",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:db8::1", "192.0.2.1",
    ],
)  # fmt: skip
def test_private_addresses_are_forbidden(address):
    assert not is_allowed(address)


def test_public_addresses_and_configured_networks_are_allowed():
    assert is_allowed("93.184.215.14")
    assert is_allowed("2606:4700::1111")
    office = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert is_allowed("10.1.2.3", office)
    assert is_allowed("::ffff:10.1.2.3", office)
    assert is_allowed("fd00::5", office)
    assert not is_allowed("10.2.0.1", office)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
def test_no_spelling_of_this_machine_is_reached(site, host):
    with pytest.raises((ForbiddenTargetError, UnreachableError)):
        fetch("GET", url(site, "/text", host))
    assert site.seen == []


def test_a_configured_target_answers(site):
    answer = fetch("GET", url(site, "/text"), allowed=LOOPBACK)
    assert (answer.status, answer.content.decode()) == (200, "Полдень")
    assert fetch("GET", url(site, "/gzip"), allowed=LOOPBACK).content == b"coffee"
    assert fetch("GET", url(site, "/nothing"), allowed=LOOPBACK).status == 404
    posted = fetch("POST", url(site, "/"), json={"a": 1}, allowed=LOOPBACK)
    assert posted.content == b'{"a":1}'


def test_redirects_are_followed_but_not_inside(site):
    answer = fetch("GET", url(site, "/to?/text"), allowed=LOOPBACK)
    assert answer.url.endswith("/text")
    for inside in ("http://10.255.255.1/", "http://[::1]:1/", "file:///etc/passwd"):
        with pytest.raises(ForbiddenTargetError):
            fetch("GET", url(site, f"/to?{inside}"), allowed=LOOPBACK)


def test_the_connection_goes_to_the_address_that_was_checked(site, monkeypatch):
    answers = iter(["127.0.0.1", "127.0.0.2"])
    asked = []

    def rebinding(host, port, **kwargs):
        asked.append(host)
        return [(2, 1, 6, "", (next(answers), port))]

    monkeypatch.setattr(targets.socket, "getaddrinfo", _only_names(rebinding))
    only_first = (ip_network("127.0.0.1/32"),)
    address = url(site, "/text", "shop.example")
    assert fetch("GET", address, allowed=only_first).status == 200
    assert asked == ["shop.example"]
    assert site.seen == [("/text", f"shop.example:{site.server_port}")]
    with pytest.raises(ForbiddenTargetError):
        fetch("GET", address, allowed=only_first)


def test_a_name_with_one_private_answer_is_forbidden(monkeypatch):
    both = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *a, **k: both)
    with pytest.raises(ForbiddenTargetError):
        resolve("shop.example", 80)


def test_sizes_are_limited_also_after_unpacking(site):
    with pytest.raises(TooLargeError):
        fetch("GET", url(site, "/large"), max_bytes=99_999, allowed=LOOPBACK)
    with pytest.raises(TooLargeError):
        fetch("GET", url(site, "/bomb"), max_bytes=1_000_000, allowed=LOOPBACK)
    assert len(fetch("GET", url(site, "/large"), max_bytes=100_000, allowed=LOOPBACK).content)
    with pytest.raises(UnreachableError):
        fetch("GET", url(site, "/broken"), allowed=LOOPBACK)


def test_a_server_that_drips_does_not_hold_us(site):
    begun = time.perf_counter()
    with pytest.raises(OutboundTimeoutError):
        fetch("GET", url(site, "/drip"), seconds=0.5, allowed=LOOPBACK)
    assert time.perf_counter() - begun < 8  # it drips for ten


@pytest.mark.parametrize("address", ["ftp://a.example/", "file:///etc/passwd", "gopher://a/"])
def test_other_schemes_are_forbidden(address):
    with pytest.raises(ForbiddenTargetError):
        fetch("GET", address)


@pytest.mark.parametrize("address", ["http://", "//a", "", "http://a b/", "http://\x00/"])
def test_what_is_no_address_is_an_outbound_error(address):
    with pytest.raises(targets.OutboundError):
        fetch("GET", address)


def _only_names(replacement):
    """Leave numeric look-ups, which connecting makes, to the real resolver."""
    real = targets.socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host.endswith(".example"):
            return replacement(host, port, **kwargs)
        return real(host, port, *args, **kwargs)

    return look_up
