"""The portal in a real browser, against a whole desk."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.services.desk import LiveDesk

pytestmark = pytest.mark.screen

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Milliseconds; the desk and the browser may share two busy cores with other tests.
PATIENCE = 60_000
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1280, 390, 320)
_JUDGED = (("light", 1280), ("dark", 320))

_SETUP = "import django; django.setup(); import json; from otklik.core.access import SYSTEM\n"
_LETTER = """
import email, email.policy
from otklik.core import files
from otklik.plugins.channel_email.models import TrayLetter
found = ""
for row in TrayLetter.objects.order_by("-id")[:50]:
    if ADDRESS in row.recipients:
        letter = email.message_from_binary_file(
            files.open_blob(row.raw), policy=email.policy.default)
        text = letter.get_body(("plain",)).get_content()
        found = found or (text if "/link/" in text else "")
print(json.dumps(found))
"""
_REPLY = """
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Ticket
ticket = Ticket.objects.get(number=NUMBER)
reply_to_ticket(SYSTEM, ticket, words=written_by_hand(text="The engineer comes at four."),
    recipients=Recipients(to=[ticket.requester_identity]), status="pending")
print("null")
"""
_EMBED = """
from otklik.desk.actions import change_brand
from otklik.desk.brands import default_brand
brand = change_brand(SYSTEM, default_brand(), embed_domains=["localhost:" + str(PORT)])
print(brand.pk)
"""


def inside(desk: LiveDesk, code: str, **names: object) -> object:
    """Run a few lines in another process of the desk; what they print last is the answer."""
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    done = subprocess.run(
        [sys.executable, "-c", _SETUP + given + code],
        env={
            **desk.environment,
            "DJANGO_SETTINGS_MODULE": "otklik.project.settings",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def judge(page: Page) -> None:
    """No sideways scroll at any width, no axe violation wide in light and narrow in dark."""
    for scheme in _SCHEMES:
        # Colours on their way from one theme to the other are neither's.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{page.url} is {wide} wide at {width}"
            if (scheme, width) not in _JUDGED:
                continue
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert not found, [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def fill_request(page: Page, email: str, subject: str) -> None:
    page.get_by_label("Your name").fill("Olga Nesterova")
    page.get_by_label("Your e-mail").fill(email)
    page.get_by_label("What is it about").fill(subject)
    page.get_by_label("What happened").fill("Error E-07 since the morning.")
    page.wait_for_timeout(2100)  # faster than that nobody writes


def sign_in(page: Page, desk: LiveDesk, email: str) -> None:
    page.goto(f"{desk.url}/portal/sign-in/?next=/portal/requests/")
    judge(page)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    for _ in range(60):
        letter = str(inside(desk, _LETTER, ADDRESS=email))
        if letter:
            break
        page.wait_for_timeout(250)
    link = re.search(r"/link/\S+", letter)
    assert link is not None, "no letter came"
    page.goto(f"{desk.url}{link.group()}")
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url("**/portal/requests/")


def test_a_stranger_asks_signs_in_reads_the_answer_live_and_solves_it(
    page: Page, live_desk: LiveDesk, tmp_path: Path
) -> None:
    email = f"olga-{uuid4().hex[:8]}@polden.example"
    page.goto(f"{live_desk.url}/portal/")
    judge(page)
    page.get_by_role("main").get_by_role("link", name="New request").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Write the address where we can answer you.")
    judge(page)
    fill_request(page, email, "The machine does not heat water")
    photo = tmp_path / "e07.txt"
    photo.write_text("E-07")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(photo)
    expect(page.locator("[data-file-names]")).to_contain_text("e07.txt")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "We have received request №", timeout=PATIENCE
    )
    judge(page)

    sign_in(page, live_desk, email)
    judge(page)
    page.get_by_role("link", name="The machine does not heat water").click()
    expect(page.get_by_role("link", name="e07.txt")).to_be_visible()
    number = int(re.search(r"requests/(\d+)/", page.url).group(1))  # type: ignore[union-attr]
    answer = page.get_by_label("Your answer")
    answer.fill("Half typed")
    inside(live_desk, _REPLY, NUMBER=number)
    # The page changes by itself and leaves what is being typed alone.
    expect(page.get_by_text("The engineer comes at four.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("complementary")).to_contain_text("We wait for your answer")
    expect(answer).to_have_value("Half typed")
    judge(page)
    answer.fill("We are there until ten.")
    answer.press("Control+Enter")
    expect(page.get_by_role("complementary")).to_contain_text("We are working on it")
    expect(page.get_by_text("We are there until ten.")).to_be_visible()
    page.get_by_role("button", name="Mark as solved").click()
    expect(page.get_by_text("This is marked as solved.")).to_be_visible()
    judge(page)
    page.get_by_role("button", name="Open again").click()
    expect(page.get_by_text("Opened again")).to_be_visible()


def test_the_whole_way_works_without_script(
    chromium: object, live_desk: LiveDesk, page: Page
) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    email = f"plain-{uuid4().hex[:8]}@polden.example"
    plain.goto(f"{live_desk.url}/portal/new/")
    expect(plain.get_by_label("Files")).to_be_visible(timeout=PATIENCE)
    fill_request(plain, email, "Without script")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text(
        "We have received request №", timeout=PATIENCE
    )
    context.close()


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    """Another site, whose page asks for the form."""

    class Site(BaseHTTPRequestHandler):
        page = b""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(self.page)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_form_works_inside_an_allowed_site_and_stays_empty_in_another(
    page: Page, live_desk: LiveDesk, shop: ThreadingHTTPServer
) -> None:
    port = shop.server_port
    brand = inside(live_desk, _EMBED, PORT=port)
    shop.RequestHandlerClass.page = (  # type: ignore[attr-defined]
        f'<!doctype html><title>Shop</title><main><script src="{live_desk.url}/portal/embed.js"'
        f' data-form="{live_desk.url}/portal/embed/{brand}/" data-title="Write to us"'
        " async></script></main>"
    ).encode()
    page.goto(f"http://localhost:{port}/")
    frame = page.frame_locator("iframe[title='Write to us']")
    expect(frame.get_by_label("What is it about")).to_be_visible(timeout=PATIENCE)
    high = "document.querySelector('iframe').getBoundingClientRect().height"
    page.wait_for_function(f"{high} != 560")
    before = page.evaluate(high)
    email = f"shop-{uuid4().hex[:8]}@polden.example"
    frame.get_by_label("Your e-mail").fill(email)
    frame.get_by_label("What is it about").fill("From the shop")
    frame.get_by_label("What happened").fill("Where is my order")
    page.wait_for_timeout(2100)
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("heading", level=1)).to_contain_text(
        "We have received request №", timeout=PATIENCE
    )
    page.wait_for_function(f"{high} < {before}")
    assert not [one for one in page.context.cookies() if one["domain"] == "127.0.0.1"]
    # The same page under a name that is not on the list: the browser refuses the frame.
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_timeout(1000)
    expect(frame.get_by_label("What is it about")).to_have_count(0)
