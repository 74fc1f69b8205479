"""Looking at what a page shows in a real browser: axe in both themes, and what a phone of 320 px
makes of it. Nothing may scroll sideways there, stand outside, or be too small for a finger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from otklik.people.models import User

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
_LOOK = """([part, only]) => axe.run(part === "html" ? document : part,
  {resultTypes: ["violations"], ...(only ? {runOnly: [only]} : {})})
  .then((found) => found.violations.map((one) =>
    `${one.id} ${one.nodes[0].target} ${one.nodes[0].html.slice(0, 120)}`))"""
# Words may be as narrow as they are, and inside a sentence as low, as WCAG says.
_FITS = """(part) => {
  const wrong = [], root = document.querySelector(part), page = document.documentElement;
  if (page.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
  const box = root.getBoundingClientRect();
  if (box.left < -1 || box.right > page.clientWidth + 1) wrong.push("stands outside of the window");
  if (part !== "html" && root.scrollWidth > root.clientWidth + 1) wrong.push("scrolls sideways");
  const inText = (one) => getComputedStyle(one).display === "inline"
    && [...one.parentNode.childNodes].some((node) => node !== one && node.textContent.trim());
  const pressed = ["a[href]", "button", "summary", "select", "textarea", "input:not([type=hidden])",
    "[role=option]"];
  for (const one of root.querySelectorAll(pressed.join())) {
    if (!one.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const own = one.getBoundingClientRect();
    const reached = one.tabIndex >= 0 || one.matches("[role=option]");
    if (own.width < 2 || own.height < 2 || !reached || inText(one)) continue;
    const least = one.textContent.trim() ? 24 : 43;
    const places = [one.closest(".combobox-box, .query") ?? one, ...(one.labels ?? [])];
    one.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
    const here = one.getBoundingClientRect();
    const x = here.left + here.width / 2, y = here.top + here.height / 2;
    const hits = (right, down) => {
      const hit = document.elementFromPoint(x + right, y + down);
      return hit && places.some((place) => place.contains(hit));
    };
    if (!hits(0, 0)) continue;
    const reach = (right, down) => {
      let far = 0;
      while (far < 44 && hits(right * (far + 1), down * (far + 1))) far += 1;
      return far;
    };
    const tall = reach(0, -1) + reach(0, 1) + 1, broad = reach(-1, 0) + reach(1, 0) + 1;
    if (tall >= 43 && broad >= least) continue;
    wrong.push(`small ${broad}x${tall} ${one.outerHTML.slice(0, 120).replace(/\\s+/g, " ")}`);
  }
  scrollTo(0, 0);
  return wrong;
}"""
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
_CLOSE = """() => {
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  document.querySelectorAll(":popover-open").forEach((one) => one.hidePopover());
}"""


class Eye:
    """One reader at one browser, and everything wrong that was seen so far."""

    def __init__(
        self, browser: Browser, server: LiveServer, client: Client, *, phone: bool = False
    ) -> None:
        self.url, self._client = server.url, client
        context = browser.new_context(
            viewport=NARROW if phone else WIDE,  # type: ignore[arg-type]
            color_scheme="light",
            reduced_motion="reduce",
            is_mobile=phone,
            has_touch=phone,
        )
        cookies = [
            {"name": name, "value": cookie.value, "url": server.url}
            for name, cookie in client.cookies.items()
        ]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.looked = 0

    def go(self, address: str, language: str = "") -> None:
        if language:
            self.speak(language)
        self.page.goto(self.url + address, wait_until="load")
        self.arm()

    def arm(self) -> None:
        """Axe is there, on a page that came without being asked for too."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))

    def speak(self, language: str) -> None:
        user = self._client.session.get("_auth_user_id")
        if user:
            User.objects.filter(pk=user).update(language=language)
        name = settings.LANGUAGE_COOKIE_NAME
        self.page.context.add_cookies([{"name": name, "value": language, "url": self.url}])

    def look(self, part: str, where: str, again: Callable[[], object] | None = None) -> None:
        """Whole in the light theme, its colours in the dark one, its size on a phone; ``again``
        opens there what closes when the window changes."""
        self.looked += 1
        found = self._axe(part)
        self.page.emulate_media(color_scheme="dark")
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        self.page.evaluate(_DRAWN)  # what closes when the window changes is closed
        shown = self.page.locator(part).first
        if again is not None and not shown.is_visible():
            again()
            self.page.evaluate(_DRAWN)  # what was opened has its place
        fits = shown.is_visible()
        if fits:
            found += self._axe(part, "color-contrast") + self.page.evaluate(_FITS, part)
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.page.evaluate(_DRAWN)
        if not fits:
            found += self._axe(part, "color-contrast")
        self.page.emulate_media(color_scheme="light")
        self.wrong += [f"{where}: {one}" for one in found]

    def look_narrow(self, part: str, where: str) -> None:
        """What only a phone shows, on one."""
        self.looked += 1
        found = self._axe(part) + self.page.evaluate(_FITS, part)
        self.page.emulate_media(color_scheme="dark")
        found += self._axe(part, "color-contrast")
        self.page.emulate_media(color_scheme="light")
        self.wrong += [f"{where}: {one}" for one in found]

    def close(self) -> None:
        """Whatever floats over the page."""
        self.page.evaluate(_CLOSE)

    def end(self) -> None:
        self.page.context.close()

    def _axe(self, part: str, only: str = "") -> list[Any]:
        found: list[Any] = self.page.evaluate(_LOOK, [part, only])
        return found
