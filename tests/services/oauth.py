"""An authorisation server for tests (RFC 6749, 7636, 7662): as strict as the strict ones.

It checks PKCE, the client's secret and the redirect address, takes each code once, gives a new
refresh token with each renewal and withdraws everything when an old one is used again (RFC 9700
§4.14.2). ``/introspect?token=`` tells a mail server whose a token is.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class OAuthServer:
    """``lasts``: seconds an access token is good for. ``renewals`` counts refresh grants."""

    port: int
    client_id: str = "otklik-desk"
    client_secret: str = "polden-secret"
    user: str = "support@demo.example"
    lasts: int = 3600
    delay: float = 0.0  # seconds before /token answers
    is_down: bool = False
    renewals: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)  # what came to /authorize
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=dict)  # token → when it ends
    refresh: str = ""
    used: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def withdraw(self) -> None:
        """The mailbox's owner takes the consent back."""
        with self.lock:
            self.access.clear()
            self.refresh = ""

    def call_back(self) -> None:
        """Access tokens end before their time; the consent stands."""
        with self.lock:
            self.access.clear()

    def authorize(self, query: dict[str, str]) -> str:
        """The owner agrees at once; the address the browser is sent to."""
        self.asked.append(query)
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(20)
        self.codes[code] = query
        back = urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if self.delay:
            time.sleep(self.delay)
        with self.lock:
            if self.is_down:
                return 503, {}
            known = (form.get("client_id"), form.get("client_secret"))
            if known != (self.client_id, self.client_secret):
                return 401, {"error": "invalid_client"}
            if form["grant_type"] == "authorization_code":
                return self._exchange(form)
            return self._renew(form)

    def _exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        return 200, self._fresh()

    def _renew(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        given = form["refresh_token"]
        if given != self.refresh:
            if given in self.used:
                self.access.clear()
                self.refresh = ""
            return 400, {"error": "invalid_grant", "error_description": "Token has been revoked."}
        self.renewals += 1
        return 200, self._fresh()

    def _fresh(self) -> dict[str, Any]:
        self.used.add(self.refresh)
        self.refresh = "r-" + secrets.token_urlsafe(20)
        access = "a-" + secrets.token_urlsafe(20)
        self.access[access] = time.time() + self.lasts
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lasts,
            "refresh_token": self.refresh,
            "scope": "mail",
        }

    def introspect(self, token: str) -> dict[str, Any]:
        with self.lock:
            is_active = self.access.get(token, 0) > time.time()
        return {"active": is_active, "username": self.user if is_active else ""}


@contextmanager
def oauth_server() -> Iterator[OAuthServer]:
    """Run a server until the block ends."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    served = OAuthServer(http.server_port)
    http.served = served  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    timeout = 20

    @property
    def served(self) -> OAuthServer:
        return self.server.served  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.served.authorize(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts.path == "/introspect":
            self._answer(200, self.served.introspect(query.get("token", "")))
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.served.token(form))

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet: a test's own output is enough."""
