/** Names of icon buttons and the full text of what was cut, on hover and on focus. Never a fact. */
import { place } from "./overlays";

let tip: HTMLElement | undefined;
let timer = 0;

function textFor(element: HTMLElement): string {
  if (element.dataset.tip) return element.dataset.tip;
  const label = element.querySelector<HTMLElement>(".nav-label");
  if (element.closest(".nav") && label && label.offsetWidth <= 1) return label.textContent!.trim();
  const cut = element.matches(".truncate, .row-title") ? element : null;
  return cut && cut.scrollWidth > cut.clientWidth ? cut.textContent!.trim() : "";
}

function hide(): void {
  window.clearTimeout(timer);
  if (tip?.matches(":popover-open")) tip.hidePopover();
}

function show(element: HTMLElement, wait: number): void {
  hide();
  const text = textFor(element);
  if (!text || element.getAttribute("aria-expanded") === "true") return; // what it opened says more
  timer = window.setTimeout(() => {
    if (!element.isConnected) return;
    if (!tip) {
      tip = document.createElement("div");
      tip.className = "tip";
      tip.popover = "manual";
      tip.setAttribute("aria-hidden", "true");
      document.body.append(tip);
    }
    tip.textContent = text;
    tip.showPopover();
    place(tip, element);
  }, wait);
}

const SELECTOR = "[data-tip], .nav-item, .nav-search, .nav-me, .truncate, .row-title";
document.addEventListener("pointerover", (event) => {
  const element = (event.target as HTMLElement).closest?.<HTMLElement>(SELECTOR);
  if (element && event.pointerType === "mouse") show(element, 450);
  else hide();
});
document.addEventListener("focusin", (event) => {
  const element = event.target as HTMLElement;
  if (element.matches?.(SELECTOR) && element.matches(":focus-visible")) show(element, 200);
  else hide();
});
for (const name of ["keydown", "pointerdown", "scroll"]) document.addEventListener(name, hide, { capture: true, passive: true });
