"""A program with a token, as tests speak to the API."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from otklik.core.access import SYSTEM
from otklik.people.actions.tokens import create_token
from otklik.people.models import Agent, User
from otklik.people.tests.factories import user_of


class Program:
    """``program.get("/tickets")`` → the response; ``.json()`` is its body."""

    def __init__(self, user: User, scopes: list[str] | None = None) -> None:
        self.row, token = create_token(SYSTEM, user, name="test", scopes=scopes)
        self._client = Client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v1{path}", query, headers=self.headers)

    def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Any:
        sent = {**self.headers, **headers}
        if key:
            sent["Idempotency-Key"] = key
        return self._client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=sent,
        )

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.send("POST", path, body, key=key)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def upload(self, name: str, content: bytes, content_type: str = "text/plain") -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        return self._client.post(
            "/api/v1/uploads",
            {"file": SimpleUploadedFile(name, content, content_type)},
            headers=self.headers,
        )


def program_of(agent: Agent, scopes: list[str] | None = None) -> Program:
    return Program(user_of(agent), scopes)
