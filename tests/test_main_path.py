"""The main job from end to end, as those who do it: a letter, the agent's screen, the answer.

Real parts throughout: `otklik up`, swaks, Postfix, Chromium.
"""

from __future__ import annotations

import email
import email.policy
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.services import PATIENCE
from tests.services.desk import LiveDesk, desk
from tests.services.postfix import SmtpServer

pytestmark = [pytest.mark.screen, pytest.mark.mail]

OLGA = "o.nesterova@new-polden.example"
ALEXEY = "a.gromov@new-veter.example"


@pytest.fixture
def sending_desk(smtp_server: SmtpServer) -> Iterator[LiveDesk]:
    address = f"smtp://{smtp_server.host}:{smtp_server.port}"
    with desk({"OTKLIK_DEMO": "1", "OTKLIK_SMTP_URL": address}) as live:
        yield live


def test_a_letter_is_answered_on_screen_and_the_answer_arrives(
    sending_desk: LiveDesk, smtp_server: SmtpServer, chromium: Browser
) -> None:
    agent = sign_in(chromium, sending_desk)
    agent.goto(f"{sending_desk.url}/tickets/?list=unassigned")
    send(sending_desk, OLGA, "Кофемашина не греет воду", "Ошибка E-07 с утра.", id="first@polden")

    # The letter is on the open inbox without a reload, and the acknowledgement at the server.
    row = agent.get_by_text("Кофемашина не греет воду", exact=True).first
    expect(row).to_be_visible()
    greeting = letter_to(smtp_server, OLGA, 1)
    number = int(re.search(r"#(\d+)", str(greeting["Subject"]))[1])  # type: ignore[index]
    assert greeting["Auto-Submitted"] == "auto-replied"

    row.click()
    expect(agent.locator("#timeline").get_by_text("Ошибка E-07 с утра.")).to_be_visible()
    agent.locator("[data-write=public]").first.click()
    text = agent.locator("#composer .ProseMirror").first
    text.click()
    text.press_sequentially("Мастер приедет сегодня до 18:00.")
    agent.locator("#composer button[data-send]").click()
    expect(
        agent.locator("#timeline").get_by_text("Мастер приедет сегодня до 18:00.").first
    ).to_be_visible()

    answer = letter_to(smtp_server, OLGA, 2)
    assert "first@polden" in answer["References"]
    assert "Мастер приедет сегодня до 18:00." in plain(answer)
    assert re.match(r"[^@]+\+[a-z2-7]{20,}@", email.utils.parseaddr(answer["Reply-To"])[1])

    # The customer's answer joins the same ticket and appears by itself.
    send(
        sending_desk,
        OLGA,
        f"Re: {answer['Subject']}",
        "Ждём, спасибо!",
        id="second@polden",
        reply_to=answer["Message-ID"],
    )
    expect(agent.locator("#timeline").get_by_text("Ждём, спасибо!").first).to_be_visible()
    assert f"/tickets/{number}/" in agent.url

    # The portal shows it to its requester and to nobody else.
    olga = customer(chromium, sending_desk, smtp_server, OLGA, 3)
    olga.goto(f"{sending_desk.url}/portal/requests/{number}/")
    expect(olga.get_by_text("Мастер приедет сегодня до 18:00.")).to_be_visible()
    send(sending_desk, ALEXEY, "Другой вопрос", "Про счёт", id="third@veter")
    letter_to(smtp_server, ALEXEY, 1)
    alexey = customer(chromium, sending_desk, smtp_server, ALEXEY, 2)
    answered = alexey.goto(f"{sending_desk.url}/portal/requests/{number}/")
    assert answered is not None
    assert answered.status == 404


def sign_in(chromium: Browser, live: LiveDesk) -> Page:
    until = time.monotonic() + PATIENCE
    while (password := re.search(r"admin@demo\.example\s+(\S+)", live.printed())) is None:
        assert time.monotonic() < until, live.printed()
        time.sleep(0.1)
    page = new_context(chromium).new_page()
    page.goto(f"{live.url}/sign-in/")
    page.fill("input[type=email]", "admin@demo.example")
    page.fill("input[type=password]", password[1])
    page.press("input[type=password]", "Enter")
    page.wait_for_url("**/tickets/**")
    return page


def customer(
    chromium: Browser, live: LiveDesk, server: SmtpServer, address: str, letters: int
) -> Page:
    """Somebody who signed in by the link that was mailed to them, their ``letters``-th letter."""
    page = new_context(chromium).new_page()
    page.goto(f"{live.url}/portal/sign-in/")
    page.fill("main input[type=email]", address)
    page.press("main input[type=email]", "Enter")
    link = re.search(r"https?://\S+", plain(letter_to(server, address, letters)))
    assert link is not None
    page.goto(link[0])
    page.locator("main button").first.click()
    page.wait_for_url("**/portal/**")
    return page


def new_context(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="ru-RU")
    context.set_default_timeout(30_000)
    return context


def send(
    live: LiveDesk, sender: str, subject: str, text: str, *, id: str, reply_to: str = ""
) -> None:
    program = shutil.which("swaks")
    if program is None:
        pytest.skip("swaks: the package swaks")
    headers = [
        f"Subject: {subject}",
        "Content-Type: text/plain; charset=utf-8",
        f"Message-Id: <{id}>",
        *([f"In-Reply-To: {reply_to}"] if reply_to else []),
    ]
    command = [program, "--server", f"127.0.0.1:{live.mail_port}", "--from", sender]
    command += ["--to", "support@demo.example", "--body", text]
    for header in headers:
        command += ["--header", header]
    ran = subprocess.run(command, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout.decode(errors="replace")


def letter_to(server: SmtpServer, address: str, count: int) -> EmailMessage:
    """The ``count``-th letter to an address, as soon as it is there."""
    for total in range(count, count + 20):
        found = [
            letter for letter in map(parse, server.wait_for(total)) if address in str(letter["To"])
        ]
        if len(found) >= count:
            return found[count - 1]
    raise AssertionError(f"no letter {count} to {address}")


def parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[return-value]


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
