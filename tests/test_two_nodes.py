"""The parts as processes of their own on two machines: PostgreSQL, Redis and S3 between them."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from tests.services import answers, environment_without_desk, free_port, stop
from tests.services.postfix import SmtpServer

# Not "data": it brings a PostgreSQL of its own, whatever the other tests run on.
pytestmark = [pytest.mark.redis, pytest.mark.mail]

_PROGRAM = Path(sys.executable).with_name("otklik")
_BUCKET = "desk"
_STAFF = """
import django; django.setup()
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import make_administrator
make_administrator("Dasha", email="dasha@desk.example")
make_mailbox("support@demo.example")
"""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300


@dataclass
class Node:
    """A machine of its own: a home, ports, the settings it shares with the other."""

    home: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Run one part; it has to live until the end and to say nothing of an exception."""
        log = self.home / f"{name}.log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [str(_PROGRAM), name], env=self.environment, stdout=output, stderr=output
            )
        try:
            yield
            assert child.poll() is None, log.read_text()
        finally:
            stop(child, seconds=15)
        assert "Traceback" not in log.read_text()


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"two_nodes_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{postgres_server.rpartition('/')[0]}/{name}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def bucket() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=_BUCKET)
    yield f"s3+http://key:secret@{host}:{port}/{_BUCKET}"
    server.stop()


@pytest.fixture
def nodes(
    tmp_path: Path, database: str, redis_server: str, bucket: str, smtp_server: SmtpServer
) -> tuple[Node, Node]:
    """One for the web, one for mail and work; they share services and the key file, no folder."""
    inherited = environment_without_desk()
    web_port, mail_port = free_port(), free_port()
    made = []
    for name in ("web", "back"):
        home = tmp_path / name
        environment = {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "otklik.project.settings",
            "OTKLIK_HOME": str(home),
            "OTKLIK_DEMO": "0",
            "OTKLIK_DATABASE_URL": database,
            "OTKLIK_REDIS_URL": redis_server,
            "OTKLIK_FILES_URL": bucket,
            "OTKLIK_SMTP_URL": f"smtp://{smtp_server.host}:{smtp_server.port}",
            "OTKLIK_PORT": str(web_port),
            "OTKLIK_MAIL_PORT": str(mail_port),
        }
        made.append(Node(home, environment))
    web, back = made
    web.run(str(_PROGRAM), "init")
    web.run(sys.executable, "-c", _STAFF)
    shutil.copytree(web.home / "keys", back.home / "keys")
    return web, back


def test_a_letter_to_one_node_is_a_ticket_on_the_other_and_the_answer_leaves(
    nodes: tuple[Node, Node], smtp_server: SmtpServer
) -> None:
    web, back = nodes
    url = f"http://127.0.0.1:{web.environment['OTKLIK_PORT']}"
    mail_port = int(back.environment["OTKLIK_MAIL_PORT"])
    token = web.run(str(_PROGRAM), "token", "create", "--user", "dasha@desk.example")
    rest = Rest(url, token.splitlines()[-1])
    with ExitStack() as parts:
        for node, name in ((web, "web"), (back, "mail"), (back, "worker")):
            parts.enter_context(node.part(name))
        _soon(rest.is_ready)
        _soon(lambda: answers(mail_port))

        _hand_over(mail_port)
        ticket = _soon(lambda: _first(rest.get("/tickets")["items"]))
        assert ticket["subject"] == "Кофемашина не греет"
        asked = rest.get(f"/tickets/{ticket['number']}/messages")["items"][0]
        assert asked["body_text"].strip() == "Ошибка E-07, вода холодная."
        assert asked["from"]["address"] == "o.nesterova@polden.example"
        (attachment,) = asked["attachments"]
        assert rest.read(f"/attachments/{attachment['token']}") == PICTURE

        rest.post(f"/tickets/{ticket['number']}/messages", {"text": "Мастер приедет сегодня."})
        answer = _soon(lambda: _find_answer(smtp_server))
        assert answer["In-Reply-To"] == "<cold@polden.example>"
        assert answer["To"].addresses[0].addr_spec == "o.nesterova@polden.example"
        _soon(lambda: _last(rest, ticket["number"])["delivery_state"] == "sent")

    stored = [path for node in nodes for path in node.home.rglob("*") if path.is_file()]
    assert not [path for path in stored if path.stat().st_size == len(PICTURE)]


class Rest:
    """The desk's REST as another program sees it."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def read(self, path: str, body: Any = None) -> bytes:
        data = json.dumps(body).encode() if body is not None else None
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", data, self.headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            content: bytes = answer.read()
        return content

    def get(self, path: str) -> Any:
        return json.loads(self.read(path))

    def post(self, path: str, body: Any) -> Any:
        return json.loads(self.read(path, body))


def _hand_over(port: int) -> None:
    """As a mail server does: LMTP."""
    letter = EmailMessage()
    letter["From"] = "Ольга Нестерова <o.nesterova@polden.example>"
    letter["To"] = "support@demo.example"
    letter["Subject"] = "Кофемашина не греет"
    letter["Message-ID"] = "<cold@polden.example>"
    letter.set_content("Ошибка E-07, вода холодная.")
    letter.add_attachment(PICTURE, maintype="image", subtype="png", filename="экран.png")
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.send_message(letter)


def _soon(find: Callable[[], Any]) -> Any:
    until = time.monotonic() + 90
    while not (found := find()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.1)
    return found


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None


def _last(rest: Rest, number: int) -> Any:
    return rest.get(f"/tickets/{number}/messages")["items"][-1]


def _find_answer(server: SmtpServer) -> Any:
    """The reply; an acknowledgement comes too."""
    letters = [message_from_bytes(letter, policy=default) for letter in server.letters()]
    return _first([each for each in letters if "Мастер приедет" in _text(each)])


def _text(letter: Any) -> str:
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""
