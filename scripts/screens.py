"""``make screens``: the main screens of a demo desk as pictures, in both languages and themes.

``python -m scripts.screens [FOLDER] [--only NAME …] [--language ru] [--theme dark] [--size phone]``
Both themes are taken of one visit; ``--size narrow`` is the most used screens at 320 px.

``python -m scripts.screens --docs`` renews the pictures of the documentation instead.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from scripts.screen_acts import Act, write
from scripts.screen_list import (
    ADDRESSES,
    ADMINISTRATOR,
    CUSTOMER,
    NARROW,
    NOBODY,
    SCREENS,
    Screen,
)
from scripts.screen_pictures import PICTURES, Picture
from tests.services import Missing
from tests.services.chromium import chromium
from tests.services.desk import LiveDesk, desk

AGENT_NAME, ABROAD_NAME = "Марина Костина", "Nino Abashidze"
SIZES = {"desktop": (1440, 900), "phone": (390, 844), "narrow": (320, 640)}
THEMES = ("light", "dark")
LANGUAGES = ("ru", "en")
DOCS = Path("docs/pictures")


def main() -> int:
    parser = argparse.ArgumentParser("screens", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build/screens"))
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", default=[each.name for each in SCREENS]
    )
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--size", choices=list(SIZES))
    parser.add_argument("--docs", action="store_true", help="only the documentation's pictures")
    chosen = parser.parse_args()
    screens = [each for each in SCREENS if each.name in chosen.only]
    unknown = set(chosen.only) - {each.name for each in SCREENS}
    if unknown:
        parser.error(f"no such screen: {', '.join(sorted(unknown))}")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    try:
        with desk({"OTKLIK_DEMO": "1"}, seconds=180) as live, chromium() as browser:
            camera = Camera(live, browser, DOCS if chosen.docs else chosen.folder)
            if chosen.docs:
                failed = camera.illustrate(PICTURES)
                screens = []
            for size in [chosen.size] if chosen.size else SIZES:
                taken = [each for each in screens if size != "narrow" or each.name in NARROW]
                for language in [chosen.language] if chosen.language else LANGUAGES:
                    themes = (chosen.theme,) if chosen.theme else THEMES
                    failed += camera.take(taken, language, themes, size)
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

    def take(
        self, screens: list[Screen], language: str, themes: tuple[str, ...], size: str
    ) -> list[str]:
        """Pictures of these; what went wrong, a line each."""
        failed = []
        for who in dict.fromkeys(screen.who for screen in screens):
            with self._context(who, language, themes[0], size) as page:
                for screen in screens:
                    if screen.who != who:
                        continue
                    files = {
                        theme: self._folder / f"{screen.name}-{language}-{theme}-{size}.png"
                        for theme in themes
                    }
                    wrong = self._shoot(page, screen, files)
                    print(*files.values(), wrong, sep="  ", flush=True)
                    name = f"{screen.name}-{language}-{size}"
                    failed += [f"{name}: {wrong}"] if wrong else []
        return failed

    def _shoot(self, page: Any, screen: Screen, files: dict[str, Path]) -> str:
        path = screen.path.format(**self._places)
        if "#" in path:  # else only the place in the page would change
            page.goto("about:blank")
        answer = page.goto(self._live.url + path, wait_until="load")
        page.wait_for_timeout(250)
        with self._beside(screen, path):
            missed = _act(page, screen.act)
            for theme, file in files.items():
                page.emulate_media(color_scheme=theme)
                page.screenshot(path=str(file))
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            _act(page, screen.after)
        if missed:
            return f"{path}: {missed}"
        if answer is None or answer.status not in screen.answers:
            return f"{path} answers {answer.status if answer else 'nothing'}"
        if screen.who != NOBODY and "/sign-in/" in page.url:
            return f"{path} asks for a sign-in"
        return f"{path} is {wide} px wider than the window" if wide > 0 else ""

    def illustrate(self, pictures: tuple[Picture, ...]) -> list[str]:
        """The pictures of the documentation, as WebP; what went wrong, a line each."""
        failed = []
        for picture in pictures:
            screen, size = picture.screen, picture.size
            with self._context(screen.who, picture.language, "light", size) as page:
                path = screen.path.format(**self._places)
                page.goto(self._live.url + path, wait_until="load")
                page.wait_for_timeout(500)
                with self._beside(screen, path):
                    missed = _act(page, screen.act)
                    page.wait_for_timeout(500)
                    self._keep(page, picture)
                failed += [f"{picture.file}: {missed}"] if missed else []
        return failed

    def _keep(self, page: Any, picture: Picture) -> None:
        """By Chromium's own encoder: Playwright knows no WebP."""
        width, height = SIZES[picture.size]
        part = {"x": 0, "y": 0, "width": width, "height": height}
        if picture.of:
            part = page.locator(picture.of).first.bounding_box() or part
        down = page.evaluate("scrollY")  # a phone's page scrolls, and a clip is of the page
        part = {**part, "y": part["y"] + down}
        taken = page.context.new_cdp_session(page).send(
            "Page.captureScreenshot",
            {"format": "webp", "quality": 76, "clip": part | {"scale": picture.scale}},
        )
        file = self._folder / picture.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(taken["data"]))
        print(f"{file}  {file.stat().st_size // 1024} kB", flush=True)

    @contextmanager
    def _beside(self, screen: Screen, path: str) -> Iterator[None]:
        """A colleague who writes in the same ticket."""
        if not screen.beside:
            yield
            return
        with self._context(screen.beside, "ru", "light", "desktop") as page:
            page.goto(self._live.url + path.split("?")[0], wait_until="load")
            _act(page, write("public", "Добрый день! Мастер выедет"))
            yield

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
            is_mobile=size != "desktop",
            has_touch=size != "desktop",
            storage_state=self._states.get(who),
        )
        try:
            page = context.new_page()
            page.set_default_timeout(8000)
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
            page.fill("input[name=email]", ADDRESSES[who])
            page.fill("input[name=password]", self._password(who))
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/tickets/**")
        state = context.storage_state()
        context.close()
        return state

    def _open_link(self, page: Any) -> None:
        """As a customer does: ask for a link, find it in the mail, press its button."""
        page.goto(f"{self._live.url}/portal/sign-in/")
        page.fill("input[name=email]", ADDRESSES[CUSTOMER])
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
        found = re.search(rf"{re.escape(ADDRESSES[who])}\s+(\S+)", self._live.printed())
        if found is None:
            raise RuntimeError(f"the desk printed no password for {ADDRESSES[who]}")
        return found[1]

    def _find_places(self) -> dict[str, Any]:
        """A lively ticket of the agent's, the customer's newest, a person, a mailbox."""
        made = self._live.otklik("token", "create", "--user", ADDRESSES[ADMINISTRATOR])
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
            if each["requester"]["address"] == ADDRESSES[CUSTOMER]
        ]
        request = max(own, key=lambda each: (each["message_count"] > 2, each["number"]))
        marina = [each for each in tickets if (each["assignee"] or {}).get("name") == AGENT_NAME]
        shown = [each for each in own if each in marina] or marina or tickets
        ticket = max(shown, key=lambda each: each["message_count"])
        mailboxes = [each for each in ask("/accounts") if each["kind"] == "email"]
        theirs = urllib.parse.quote(f'assignee:"{ABROAD_NAME}" unfinished:yes')
        nino = ask(f"/tickets?q={theirs}&limit=50")
        talk = max(nino or tickets, key=lambda each: each["message_count"])
        return {
            "ticket": ticket["number"],
            "abroad": talk["number"],
            "person": ticket["requester"]["id"],
            "request": request["number"],
            "mailbox": mailboxes[0]["id"],
        }


def _act(page: Any, act: Act | None) -> str:
    """What could not be done, in a line."""
    if act is None:
        return ""
    try:
        act(page)
    except PlaywrightError as error:
        return str(error).splitlines()[0]
    page.wait_for_timeout(300)
    return ""


if __name__ == "__main__":
    sys.exit(main())
