"""A page in a real Chromium: when what changed was painted."""

from __future__ import annotations

import threading
import time

from bench.running import Running
from tests.services import Missing
from tests.services.chromium import chromium

# A frame after the change is drawn comes the task that notes it.
_NOTE = """
() => {
  const known = new Map(), painted = window.painted = [];
  const look = () => {
    const found = [];
    const see = (kind, id, element) => {
      const version = element.dataset.version;
      if (!id || known.get(kind + id) === version) return;
      known.set(kind + id, version);
      found.push([kind, Number(id), Number(version)]);
    };
    for (const row of document.querySelectorAll('#rows .row')) see('row', row.dataset.id, row);
    const head = document.querySelector('#ticket-head'), talk = document.querySelector('#timeline');
    if (head && talk) see('ticket', head.dataset.ticket, talk);
    if (found.length) requestAnimationFrame(() => setTimeout(() => {
      const at = performance.timeOrigin + performance.now();
      for (const one of found) painted.push([...one, at]);
    }));
  };
  new MutationObserver(look).observe(document.documentElement,
    { childList: true, subtree: true, attributes: true, attributeFilter: ['data-version'] });
  look();
}
"""


class Watch:
    """In a thread of its own, where Playwright keeps its loop. Without Chromium it sees nothing."""

    def __init__(self, desk: Running, cookie: str, path: str) -> None:
        self._desk, self._cookie, self._path = desk, cookie, path
        self._opened, self._over = threading.Event(), threading.Event()
        self._found: list[tuple[str, int, int, float]] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Returns when the page is there."""
        self._thread.start()
        self._opened.wait(60)

    def end(self) -> list[tuple[str, int, int, float]]:
        """("row" or "ticket", id, version, monotonic moment of the paint), in order."""
        self._over.set()
        self._thread.join(60)
        if self._error is not None:
            raise self._error
        return self._found

    def _run(self) -> None:
        try:
            with chromium() as browser:
                name, _, value = self._cookie.partition("=")
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                context.add_cookies([{"name": name, "value": value, "url": self._desk.url}])
                page = context.new_page()
                page.goto(self._desk.url + self._path)
                page.locator("#rows .row").first.wait_for()
                page.evaluate(_NOTE)
                self._opened.set()
                while not self._over.wait(0.2):
                    pass
                offset = time.time() - time.monotonic()
                self._found = [
                    (kind, pk, version, at / 1000 - offset)
                    for kind, pk, version, at in page.evaluate("window.painted")
                ]
        except Missing:
            pass
        except BaseException as error:
            self._error = error
        finally:
            self._opened.set()
