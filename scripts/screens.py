"""``make screens``: the main screens of a demo desk as pictures, in both languages and themes.

``python -m scripts.screens [FOLDER] [--only NAME …] [--language ru] [--theme dark] [--size phone]``
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services import Missing
from tests.services.chromium import chromium
from tests.services.desk import LiveDesk, desk

NOBODY, AGENT, ADMINISTRATOR, CUSTOMER = "nobody", "agent", "administrator", "customer"
_ADDRESSES = {
    AGENT: "marina@demo.example",
    ADMINISTRATOR: "admin@demo.example",
    CUSTOMER: "o.nesterova@polden.example",
}
AGENT_NAME = "Марина Костина"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Screen:
    """``path`` may name {ticket}, {person}, {mailbox} and {request}."""

    name: str
    path: str
    who: str


SCREENS = (
    Screen("sign-in", "/sign-in/", NOBODY),
    Screen("password-forgotten", "/password/forgotten/", NOBODY),
    Screen("portal-sign-in", "/portal/sign-in/", NOBODY),
    Screen("portal-stranger", "/portal/", NOBODY),
    Screen("inbox", "/tickets/?list=mine", AGENT),
    Screen("inbox-all", "/tickets/?list=all", AGENT),
    Screen("inbox-unassigned", "/tickets/?list=unassigned", AGENT),
    Screen("inbox-search", "/tickets/?q=фильтр", AGENT),
    Screen("inbox-empty", "/tickets/?q=xyzzy", AGENT),
    Screen(
        "inbox-filters",
        "/tickets/filters/?list=all&q=status:open,new (priority>=high or tag:vip)",
        AGENT,
    ),
    Screen("inbox-query", "/tickets/?list=all&q=status:open", AGENT),
    Screen("inbox-table", "/tickets/?list=all&layout=table&group=priority", AGENT),
    Screen("view-new", "/tickets/views/new/?list=all&q=priority:high", AGENT),
    Screen("inbox-board", "/tickets/?list=all&layout=board", AGENT),
    Screen("inbox-calendar", "/tickets/?list=all&layout=month", AGENT),
    Screen("ticket", "/tickets/{ticket}/?list=mine", AGENT),
    Screen("ticket-side", "/tickets/{ticket}/?write=side", AGENT),
    Screen("ticket-forward", "/tickets/{ticket}/?write=side&forward=all", AGENT),
    Screen("unsent", "/unsent/", AGENT),
    Screen("settings-mentors", "/settings/mentors/", ADMINISTRATOR),
    Screen("ticket-merge", "/tickets/merge/?tickets=1,2", AGENT),
    Screen("ticket-split", "/tickets/{ticket}/split/", AGENT),
    Screen("tickets-change", "/tickets/bulk/?whole=list%3Dall", AGENT),
    Screen("macro-new", "/account/macros/new/", AGENT),
    Screen("script-new", "/account/scripts/new/", AGENT),
    Screen("settings-macros", "/settings/macros/", ADMINISTRATOR),
    Screen("settings-scripts", "/settings/scripts/", ADMINISTRATOR),
    Screen("ticket-new", "/tickets/new/", AGENT),
    Screen("snooze", "/tickets/{ticket}/snooze/", AGENT),
    Screen("reminders", "/reminders/", AGENT),
    Screen("people", "/people/", AGENT),
    Screen("person", "/people/{person}/", AGENT),
    Screen("person-merge", "/people/{person}/merge/", AGENT),
    Screen("organisations", "/organisations/", AGENT),
    Screen("notifications", "/notifications/?all", AGENT),
    Screen("notifications-own", "/notifications/settings/", AGENT),
    Screen("settings-notifications", "/settings/notifications/", ADMINISTRATOR),
    Screen("personal-data", "/people/{person}/personal-data/", ADMINISTRATOR),
    Screen("erasure", "/people/{person}/erasure/", ADMINISTRATOR),
    Screen("retention", "/settings/retention/", ADMINISTRATOR),
    Screen("retention-brand", "/settings/retention/1/", ADMINISTRATOR),
    Screen("audit", "/settings/events/", ADMINISTRATOR),
    Screen("settings", "/settings/", ADMINISTRATOR),
    Screen("settings-company", "/settings/company/", ADMINISTRATOR),
    Screen("settings-brands", "/settings/brands/", ADMINISTRATOR),
    Screen("settings-calendars", "/settings/calendars/", ADMINISTRATOR),
    Screen("settings-agents", "/settings/agents/", ADMINISTRATOR),
    Screen("settings-teams", "/settings/teams/", ADMINISTRATOR),
    Screen("settings-statuses", "/settings/statuses/", ADMINISTRATOR),
    Screen("settings-status", "/settings/statuses/2/", ADMINISTRATOR),
    Screen("settings-categories", "/settings/categories/", ADMINISTRATOR),
    Screen("settings-canned", "/settings/canned-replies/", ADMINISTRATOR),
    Screen("canned-new", "/account/canned-replies/new/", AGENT),
    Screen("settings-reply-checks", "/settings/reply-checks/", ADMINISTRATOR),
    Screen("settings-fields", "/settings/fields/ticket/", ADMINISTRATOR),
    Screen("settings-field-new", "/settings/fields/ticket/new/", ADMINISTRATOR),
    Screen("settings-checklists", "/settings/checklists/new/", ADMINISTRATOR),
    Screen("settings-texts", "/settings/texts/", ADMINISTRATOR),
    Screen("settings-screening", "/settings/screening/", ADMINISTRATOR),
    Screen("mailboxes", "/channel-email/mailboxes/", ADMINISTRATOR),
    Screen("mailbox", "/channel-email/mailboxes/{mailbox}/", ADMINISTRATOR),
    Screen("tray", "/channel-email/tray/", ADMINISTRATOR),
    Screen("health", "/settings/health/", ADMINISTRATOR),
    Screen("portal-home", "/portal/", CUSTOMER),
    Screen("portal-requests", "/portal/requests/", CUSTOMER),
    Screen("portal-ticket", "/portal/requests/{request}/", CUSTOMER),
    Screen("portal-new", "/portal/new/", CUSTOMER),
)


def main() -> int:
    parser = argparse.ArgumentParser("screens", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build/screens"))
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", default=[each.name for each in SCREENS]
    )
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--size", choices=list(SIZES))
    chosen = parser.parse_args()
    screens = [each for each in SCREENS if each.name in chosen.only]
    unknown = set(chosen.only) - {each.name for each in SCREENS}
    if unknown:
        parser.error(f"no such screen: {', '.join(sorted(unknown))}")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    try:
        with desk({"OTKLIK_DEMO": "1"}, seconds=180) as live, chromium() as browser:
            camera = Camera(live, browser, chosen.folder)
            for size in [chosen.size] if chosen.size else SIZES:
                for language in [chosen.language] if chosen.language else LANGUAGES:
                    for theme in [chosen.theme] if chosen.theme else THEMES:
                        failed += camera.take(screens, language, theme, size)
    except Missing as missing:
        print(f"Not taken: {missing}", file=sys.stderr)
        return 4
    if failed:
        print("\nNot as they should be:", *failed, sep="\n  ", file=sys.stderr)
    return 1 if failed else 0


class Camera:
    """One browser at one desk; signs in once for each person."""

    def __init__(self, live: LiveDesk, browser: Any, folder: Path) -> None:
        self._live = live
        self._browser = browser
        self._folder = folder
        self._states: dict[str, Any] = {}
        self._places = self._find_places()

    def take(self, screens: list[Screen], language: str, theme: str, size: str) -> list[str]:
        """Pictures of these; what went wrong, a line each."""
        failed = []
        for who in dict.fromkeys(screen.who for screen in screens):
            with self._context(who, language, theme, size) as page:
                for screen in screens:
                    if screen.who != who:
                        continue
                    name = f"{screen.name}-{language}-{theme}-{size}.png"
                    wrong = self._shoot(page, screen, name)
                    print(f"{self._folder / name}{f'  {wrong}' if wrong else ''}", flush=True)
                    failed += [f"{name}: {wrong}"] if wrong else []
        return failed

    def _shoot(self, page: Any, screen: Screen, name: str) -> str:
        path = screen.path.format(**self._places)
        answer = page.goto(self._live.url + path, wait_until="load")
        page.wait_for_timeout(250)
        page.screenshot(path=str(self._folder / name))
        if answer is None or answer.status != 200:
            return f"{path} answers {answer.status if answer else 'nothing'}"
        if screen.who != NOBODY and "/sign-in/" in page.url:
            return f"{path} asks for a sign-in"
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return f"{path} is {wide} px wider than the window" if wide > 0 else ""

    @contextmanager
    def _context(self, who: str, language: str, theme: str, size: str) -> Iterator[Any]:
        width, height = SIZES[size]
        if who != NOBODY and who not in self._states:
            self._states[who] = self._sign_in(who)
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale={"ru": "ru-RU", "en": "en-GB"}[language],
            timezone_id="Europe/Moscow",
            reduced_motion="reduce",
            is_mobile=size == "phone",
            has_touch=size == "phone",
            storage_state=self._states.get(who),
        )
        try:
            page = context.new_page()
            self._choose_language(page, who, language)
            yield page
        finally:
            context.close()

    def _choose_language(self, page: Any, who: str, language: str) -> None:
        start, target = {
            NOBODY: ("/portal/", "/portal/language/"),
            CUSTOMER: ("/portal/", "/portal/language/"),
        }.get(who, ("/tickets/", "/preferences/"))
        page.goto(self._live.url + start)
        token = page.locator("meta[name=csrf-token]").get_attribute("content")
        answer = page.context.request.post(
            self._live.url + target,
            form={"language": language, "next": start, "csrfmiddlewaretoken": token or ""},
            headers={"Referer": self._live.url + start},
        )
        if not answer.ok:
            raise RuntimeError(f"{target} answers {answer.status}: the language stays as it is")

    def _sign_in(self, who: str) -> Any:
        context = self._browser.new_context()
        page = context.new_page()
        if who == CUSTOMER:
            self._open_link(page)
        else:
            page.goto(f"{self._live.url}/sign-in/")
            page.fill("input[name=email]", _ADDRESSES[who])
            page.fill("input[name=password]", self._password(who))
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/tickets/**")
        state = context.storage_state()
        context.close()
        return state

    def _open_link(self, page: Any) -> None:
        """As a customer does: ask for a link, find it in the mail, press its button."""
        page.goto(f"{self._live.url}/portal/sign-in/")
        page.fill("input[name=email]", _ADDRESSES[CUSTOMER])
        page.press("input[name=email]", "Enter")
        page.wait_for_load_state()
        page.goto(self._mailed_link())
        page.locator("form:has(input[name=csrfmiddlewaretoken]) .button-primary").first.click()
        page.wait_for_url("**/portal/**")

    def _mailed_link(self) -> str:
        """From the outgoing tray, where a desk without a mail server keeps its letters."""
        with self._context(ADMINISTRATOR, "en", "light", "desktop") as page:
            for _try in range(40):
                page.goto(f"{self._live.url}/channel-email/tray/")
                letters = page.locator("a[href^='/channel-email/tray/']:not([href$='/tray/'])")
                if letters.count():
                    letters.first.click()
                    page.wait_for_load_state()
                    found = re.search(r"http://[^\s\"<]+/link/[^\s\"<]+", page.content())
                    if found:
                        return found[0]
                page.wait_for_timeout(250)
        raise RuntimeError("the letter with the sign-in link did not come")

    def _password(self, who: str) -> str:
        found = re.search(rf"{re.escape(_ADDRESSES[who])}\s+(\S+)", self._live.printed())
        if found is None:
            raise RuntimeError(f"the desk printed no password for {_ADDRESSES[who]}")
        return found[1]

    def _find_places(self) -> dict[str, Any]:
        """A lively ticket of the agent's, the customer's newest, a person, a mailbox."""
        made = self._live.otklik("token", "create", "--user", _ADDRESSES[ADMINISTRATOR])
        token = made.stdout.decode().splitlines()[-1]

        def ask(path: str) -> Any:
            request = urllib.request.Request(  # noqa: S310  our own desk
                f"{self._live.url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                found = json.load(answer)
            return found["items"] if isinstance(found, dict) else found

        tickets = ask("/tickets?list=all&limit=100")
        named = urllib.parse.quote("Нестерова")
        own = [
            each
            for each in ask(f"/tickets?q={named}&limit=100")
            if each["requester"]["address"] == _ADDRESSES[CUSTOMER]
        ]
        request = max(own, key=lambda each: (each["message_count"] > 2, each["number"]))
        marina = [each for each in tickets if (each["assignee"] or {}).get("name") == AGENT_NAME]
        shown = [each for each in own if each in marina] or marina or tickets
        ticket = max(shown, key=lambda each: each["message_count"])
        mailboxes = [each for each in ask("/accounts") if each["kind"] == "email"]
        return {
            "ticket": ticket["number"],
            "person": ticket["requester"]["id"],
            "request": request["number"],
            "mailbox": mailboxes[0]["id"],
        }


if __name__ == "__main__":
    sys.exit(main())
