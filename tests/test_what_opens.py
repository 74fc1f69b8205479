"""Everything that opens by a press, in a real browser: axe finds nothing in either theme, and on a
phone of 320 px it fits. Menus and dialogs of a page are found by themselves."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, Request
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.core.realtime.presence import here
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_customer
from otklik.tickets.actions import change_status, link_tickets
from otklik.tickets.actions.checklists import change_checklist
from otklik.tickets.models import Checklist, Status, Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from otklik.workspace.actions import create_macro
from otklik.workspace.models import Macro
from otklik.workspace.queries.presence import place_of
from tests.looking import Eye
from tests.world import World, world

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

__all__ = ["world"]
ROOT = Path(__file__).resolve().parents[1] / "otklik"
LIST, BOARD = "/tickets/?list=all", "/tickets/?list=all&layout=board"
# What pages show by a query or a press, with the part of them that is new then.
UNFOLDED = (
    (BOARD, "#list"),
    ("/tickets/?list=all&layout=people", "#list"),
    ("/tickets/?list=all&layout=month", "#list"),
    ("/tickets/?list=all&layout=table&group=priority", "#list"),
    ("/tickets/?list=all&group=assignee", "#list"),
    ("/tickets/?list=all&q=priority:soon%20(", "#list"),
    ("/tickets/{number}/?write=side&forward=all", "#composer"),
    ("/tickets/{number}/?write=public", "html"),
    ("/people/{person_id}/", "main"),
)
# Pages where everything that opens is opened, one thing after the other.
PRESSED = (LIST, "/tickets/{number}/?write=public", "/account/canned-replies/new/")
_UNFOLD = "document.querySelectorAll('details').forEach((fold) => (fold.open = true))"
_OPENERS = """(inside) => ["popovertarget", "data-dialog", "data-dialog-url"].flatMap((by) =>
  [...document.querySelectorAll(`${inside}[${by}]`)]
    .filter((one) => one.checkVisibility() || one.closest("[popover]"))
    .map((one) => [by, one.getAttribute(by)])
).filter(([, name]) => name)"""
_DIALOG_OF = re.compile(r"data-(?:dialog|bulk)-url=\"\{% url '([\w:]+)'")


def test_what_opens_by_a_press_gives_axe_nothing_to_find(
    world: World, chromium: Browser, live_server: LiveServer
) -> None:
    desk = _Desk(world)
    eye = Eye(chromium, live_server, world.readers["dasha"])
    asked: set[str] = set()
    eye.page.on("request", lambda request: asked.update(_names(request)))
    for number, (address, part) in enumerate(UNFOLDED):
        eye.go(address.format(**world.values), ("ru", "en")[number % 2])
        eye.page.evaluate(_UNFOLD)
        eye.page.wait_for_load_state("networkidle")
        eye.look(part, address)
    eye.speak("ru")
    seen: set[str] = set()
    for address in PRESSED:
        _press_everything(eye, address.format(**world.values), seen)
    for walk in (_keys, _board, _ticket, _composer, _many):
        walk(eye, desk)
    eye.end()
    phone = Eye(chromium, live_server, world.readers["dasha"], phone=True)
    _phone(phone, desk)
    phone.end()
    olga = Eye(chromium, live_server, world.readers["olga"])
    olga.go(f"/portal/requests/{desk.ticket.number}/", "ru")
    olga.page.evaluate(_UNFOLD)
    olga.look("html", "a customer's request")
    olga.end()
    wrong = eye.wrong + phone.wrong + olga.wrong
    assert not wrong, "\n".join(wrong)
    written = [each for each in ROOT.glob("*/templates/**/*.html") if "dist" not in each.parts]
    dialogs = {name for each in written for name in _DIALOG_OF.findall(each.read_text("utf-8"))}
    assert len(dialogs) > 8
    assert dialogs <= asked, "these dialogs were opened by nothing here"


class _Desk:
    """The world's ticket open again, with everything that makes a desk ask before it solves."""

    def __init__(self, world: World) -> None:
        ticket = Ticket.objects.get(number=world.values["number"])
        self.part = make_ticket(make_customer("Vera Tom"), "Part")
        link_tickets(SYSTEM, self.part, ticket, "child")
        change_status(SYSTEM, ticket, "open")
        change_checklist(SYSTEM, Checklist.objects.get(), is_required=True)
        marina = Agent.objects.get(pk=world.values["agent_id"])
        here.arrive("marina", place_of(ticket.pk), marina.person_id, "reply", lasts=600)
        steps = [{"effect": "ticket.set_status", "params": {"status": "solved"}}]
        self.macro: Macro = create_macro(
            actor_of(Agent.objects.get(person__name="Dasha")), name="Done", steps=steps, hint="Last"
        )
        self.solved = Status.objects.get(code="solved").pk
        self.ticket = ticket
        self.page = f"/tickets/{ticket.number}/"


def _names(request: Request) -> set[str]:
    if not request.headers.get("hx-request"):
        return set()
    return {resolve("/" + request.url.split("/", 3)[3].partition("?")[0]).view_name}


def _press_everything(eye: Eye, address: str, seen: set[str]) -> None:
    eye.go(address)
    eye.page.evaluate(_UNFOLD)
    for opener, part in _openers(eye):
        if opener.partition("?")[0] in seen:  # the same on several pages
            continue
        seen.add(opener.partition("?")[0])
        press = partial(_press, eye, opener, part)
        press()
        eye.look(part, f"{address} {opener}", again=press)
        for inner, _ in _openers(eye, "#dialog ") if part == "#dialog" else ():
            press()
            _instead(eye, inner)
            eye.look(part, f"{address} {inner}")
        eye.close()


def _openers(eye: Eye, inside: str = "") -> list[tuple[str, str]]:
    """(selector, what it opens), each once: pieces of the page are drawn anew meanwhile."""
    found = dict.fromkeys(map(tuple, eye.page.evaluate(_OPENERS, inside)))
    return [
        (f'{inside}[{by}="{name}"]', "#dialog" if by == "data-dialog-url" else f"#{name}")
        for by, name in found
    ]


def _press(eye: Eye, opener: str, part: str = "#dialog") -> None:
    """What it opens is there afterwards, unless nobody can press it: a phone hides some."""
    eye.close()
    pressed = eye.page.evaluate(
        "(one) => { const found = document.querySelector(one);"
        " found.scrollIntoView({block: 'center', behavior: 'instant'});"
        " return found.checkVisibility() || found.closest('[popover]') ? !found.click() : false; }",
        opener,
    )
    shown = f"{part}:is(:popover-open, [open])"
    tries = 5 if pressed else 0
    while tries and not _comes(eye, shown, is_last=tries == 1):
        # On a busy machine its script comes after the press.
        eye.page.evaluate("(one) => document.querySelector(one).click()", opener)
        tries -= 1


def _comes(eye: Eye, shown: str, *, is_last: bool) -> bool:
    try:
        eye.page.wait_for_selector(shown, timeout=30_000 if is_last else 6_000)
    except PlaywrightTimeout:
        if is_last:
            raise
        return False
    return True


def _instead(eye: Eye, opener: str) -> None:
    """Something in the dialog is pressed, and what it brings takes the dialog's place."""
    eye.page.evaluate(
        "(one) => { document.querySelector('#dialog > *').dataset.before = '';"
        " document.querySelector(one).click(); }",
        opener,
    )
    eye.page.wait_for_selector("#dialog[open]:not(:has([data-before]))")


def _keys(eye: Eye, desk: _Desk) -> None:
    page = eye.page
    eye.go(desk.page)
    page.locator("body").press("Control+k")
    page.keyboard.type("a")
    page.wait_for_selector("#palette[open] [role=option]")
    eye.look("#palette", "Ctrl K")
    page.keyboard.press("Escape")
    page.locator("#main").press("?")
    page.wait_for_selector("#keys-help[open]")
    eye.look("#keys-help", "?")
    page.keyboard.press("Escape")
    page.locator("#main").press("b")
    page.wait_for_selector("#notices-panel:popover-open")
    eye.look("#notices-panel", "B")
    eye.go(f"{LIST}#tour")
    page.locator("#tour").wait_for()
    eye.look("#tour", "the tour")
    page.keyboard.press("Escape")
    page.locator("#list-query").press_sequentially("status:")
    page.wait_for_selector("#query-completions [role=option]")
    eye.look("#list", "the query's completion")


def _board(eye: Eye, desk: _Desk) -> None:
    eye.go(BOARD)
    _press(eye, f"#card-{desk.ticket.pk} .board-move")
    eye.look("#dialog", "a card's places")
    _instead(eye, f"#dialog [name=to][value='{desk.solved}']")
    eye.look("#dialog", "a card that would solve")


def _ticket(eye: Eye, desk: _Desk) -> None:
    page = eye.page
    eye.go(desk.page)
    page.evaluate(_UNFOLD)
    page.locator("#prop-tags").press_sequentially("v")
    page.wait_for_selector(".combobox-list [role=option]")
    eye.look("#properties", "tags to choose from")
    page.locator("#ticket-head [data-key=e]").click()
    page.wait_for_selector("#ticket-head .banner-warn form")
    eye.look("#ticket-head", "a solution that was refused")
    page.evaluate(
        "() => { const one = document.querySelector('#prop-priority'); one.value = 'high';"
        " one.dispatchEvent(new Event('change', {bubbles: true})); }"
    )
    page.locator(".toast").hover()  # its time stops
    eye.look(".toast", "a toast with Undo")


def _composer(eye: Eye, desk: _Desk) -> None:
    page = eye.page
    eye.go(f"{desk.page}?write=public")
    page.locator("#collision [hx-get]").click()
    page.wait_for_selector(".their-text > *")
    editor = page.locator("#composer .editor-text")
    for asked in ("/", "@", "#1", ":smi"):
        editor.fill("")
        ask = partial(_complete, eye, asked)
        ask()
        eye.look(".completion", f"completion of {asked}", again=ask)
    editor.fill("")
    _complete(eye, "@")
    page.keyboard.press("Enter")
    _notice(eye, "[data-mention]", "a colleague named in a reply")
    page.locator("[data-mention=leave]").click()
    editor.fill("I am attaching the report.")
    page.keyboard.press("Control+Enter")
    _notice(eye, "[data-check]", "what the checks point out")
    editor.fill("It is mended.")
    page.evaluate("document.querySelector('#menu-send [value=solved]').click()")
    _notice(eye, "[data-notice-close]", "a reply that would solve")
    page.locator("[data-notice-close]").click()
    customer_writes(desk.ticket)
    editor.press("Control+Enter")
    _notice(eye, ".crossing-pair", "a reply that crosses the customer's")


def _complete(eye: Eye, asked: str) -> None:
    eye.page.locator("#composer .editor-text").fill("")
    eye.page.keyboard.type(asked)
    eye.page.wait_for_selector(".completion:popover-open [role=option]")


def _notice(eye: Eye, about: str, where: str) -> None:
    eye.page.locator(f"#composer-notice {about}").first.wait_for()
    eye.look("#composer", where)


def _phone(eye: Eye, desk: _Desk) -> None:
    """Sheets and bars that only a phone has."""
    page = eye.page
    eye.go(desk.page)
    page.locator("[data-pane-open=side]").click()
    page.evaluate(_UNFOLD)
    page.locator("#person-more-body").scroll_into_view_if_needed()
    page.locator("#person-more-body .customer-panel").wait_for()
    eye.look_narrow("#side", "person and properties as a sheet")
    eye.go(desk.page)
    page.locator(".composer-opener").click()
    page.locator("#composer .editor-text").wait_for()
    eye.look_narrow("#composer", "the composer")
    eye.go(LIST)
    page.evaluate("document.querySelector('.row-tick input').click()")
    eye.look_narrow("#list", "a ticked row")
    page.locator("[data-pane-open=nav]").click()
    eye.look_narrow("#nav", "the navigation as a sheet")


def _many(eye: Eye, desk: _Desk) -> None:
    """On ticked rows; last, because the last of it changes them."""
    page = eye.page
    eye.go(LIST)
    page.evaluate("document.querySelectorAll('.row-tick input').forEach((one) => one.click())")
    _press(eye, "[data-bulk-url*=merge]")
    eye.look("#dialog", "merging across people")
    _press(eye, "[data-bulk-url*=macro]")
    eye.look("#dialog", "which macro for many")
    page.locator(f"#dialog [name=macro][value='{desk.macro.pk}']").check()
    _instead(eye, "#dialog form .button-primary")
    page.evaluate(_UNFOLD)
    eye.look("#dialog", "a macro on many that solves")
    _press(eye, "[data-bulk-open]:not([data-bulk-url])")
    eye.look("#dialog", "a change of many")
    page.locator("#bulk-status").select_option(str(desk.solved))
    _instead(eye, "#bulk-form .button-primary")
    eye.look("#dialog", "what could not be changed")
