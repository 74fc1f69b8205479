"""A push service and a browser behind it, for tests: HTTPS, checks who sends (RFC 8292) and reads
what was sent with the browser's own keys (RFC 8291, 8188)."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from otklik.kit.web_push import Receiver, decode, derive_keys, encode

_CURVE = ec.SECP256R1()


@dataclass
class Browser:
    """One subscription. ``answers``: statuses for the next requests, then 201."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(_CURVE))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    answers: list[int] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def receiver(self) -> Receiver:
        return Receiver(self.endpoint, encode(_point(self.key.public_key())), encode(self.auth))

    def read(self, body: bytes) -> dict[str, Any]:
        """Raises InvalidTag for what is not for this browser."""
        salt, size = body[:16], int.from_bytes(body[16:20], "big")
        length = body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        own = _point(self.key.public_key())
        key, nonce = derive_keys(shared, self.auth, own, sender, salt)
        text = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert text.endswith(b"\x02")
        said: dict[str, Any] = json.loads(text[:-1])
        return said


@dataclass
class PushService:
    port: int
    certificate: Path
    browsers: dict[str, Browser] = field(default_factory=dict)

    def subscribe(self, path: str = "/one") -> Browser:
        made = Browser(f"https://127.0.0.1:{self.port}{path}")
        self.browsers[path] = made
        return made


def check_sender(header: str, origin: str) -> str:
    """The public key of who signed. AssertionError or InvalidSignature for a wrong header."""
    token, key = header.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    told = json.loads(decode(claims))
    assert told["aud"] == origin
    assert time.time() < told["exp"] < time.time() + 24 * 3600
    assert told["sub"].startswith(("https://", "mailto:"))
    raw = decode(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode(key))
    public.verify(
        encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256())
    )
    return key


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    """``certificate`` is for ``SSL_CERT_FILE``: nobody else vouches for it."""
    certificate, key = _certify(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service = PushService(server.server_address[1], certificate)
    server.service = service  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        service: PushService = self.server.service  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        browser = service.browsers.get(self.path)
        status = 404 if browser is None else self._judge(service, browser, body)
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "http://127.0.0.1:1/inside")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _judge(self, service: PushService, browser: Browser, body: bytes) -> int:
        if self.headers["Content-Encoding"] != "aes128gcm" or "TTL" not in self.headers:
            return 400
        check_sender(self.headers["Authorization"], f"https://127.0.0.1:{service.port}")
        browser.headers.append(dict(self.headers.items()))
        status = browser.answers.pop(0) if browser.answers else 201
        if status == 201:
            browser.got.append(browser.read(body))
        return status

    def log_message(self, *_args: Any) -> None:
        """Nobody reads it."""


def _certify(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(_CURVE)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "push.crt", folder / "push.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
