/**
 * A slow line says so: what was pressed is marked at once (`data-pressed`), and after a moment a bar
 * runs along the top until the page, or the part of it, is there. An installed app has no bar of its
 * browser's.
 */
import { word } from "./words";

const PATIENCE = 400;
const GIVE_UP = 15_000; // a link that turned out to be a file

let pending = 0;
let timer = 0;
let stop = 0;

function bar(): HTMLElement {
  let found = document.getElementById("waiting");
  if (!found) {
    found = document.createElement("div");
    found.id = "waiting";
    found.className = "waiting";
    found.hidden = true;
    found.setAttribute("role", "progressbar");
    found.setAttribute("aria-label", word("loading"));
    document.body.append(found);
  }
  return found;
}

function begin(pressed?: Element | null): void {
  pending += 1;
  pressed?.closest("a, button, .row")?.setAttribute("data-pressed", "");
  window.clearTimeout(timer);
  window.clearTimeout(stop);
  timer = window.setTimeout(() => (bar().hidden = false), PATIENCE);
  stop = window.setTimeout(end, GIVE_UP);
}

function end(): void {
  pending = 0;
  window.clearTimeout(timer);
  window.clearTimeout(stop);
  const shown = document.getElementById("waiting");
  if (shown) shown.hidden = true;
  document.querySelectorAll("[data-pressed]").forEach((element) => element.removeAttribute("data-pressed"));
}

const isPage = (event: Event) => (event as CustomEvent<{ target?: Element }>).detail.target?.id === "main";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPage(event)) begin((event as CustomEvent<{ elt: Element }>).detail.elt);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (isPage(event) && pending > 0) end();
});
// Whole pages: a plain link, a plain form. Downloads and what a script prevented start nothing.
document.addEventListener("click", (event) => {
  const link = (event.target as HTMLElement).closest?.<HTMLAnchorElement>("a[href]");
  const plain = !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!link || !plain || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
  begin(link);
});
window.addEventListener("pageshow", end);
window.addEventListener("pagehide", end);
