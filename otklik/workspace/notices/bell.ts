/** The bell opens a panel beside it; on a phone, and with a key held, its address is simply opened. */
import { htmx, post } from "../../ui/islands/hypertext";
import { place } from "../../ui/islands/overlays";

const PANEL = "notices-panel";

function panelOf(): HTMLElement {
  const known = document.getElementById(PANEL);
  if (known) return known;
  const made = document.createElement("div");
  made.id = PANEL;
  made.className = "notices-panel";
  made.popover = "auto";
  made.setAttribute("role", "dialog");
  made.setAttribute("aria-labelledby", "notices-title");
  document.body.append(made);
  made.addEventListener("keydown", move);
  return made;
}

function move(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const links = [...panelOf().querySelectorAll<HTMLElement>(".notice-link")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
}

async function fill(bell: HTMLAnchorElement, notices: HTMLElement): Promise<void> {
  await htmx.ajax("get", bell.getAttribute("href")!, { target: `#${PANEL}`, swap: "morph:innerHTML" } as never);
  const newest = panelOf().querySelector<HTMLElement>("[data-newest]")?.dataset.newest;
  if (newest && notices.dataset.unseen !== "0") void post(notices.dataset.seeing!, { up_to: newest });
}

export function wireBell(notices: HTMLElement): void {
  const isOpen = () => document.getElementById(PANEL)?.matches(":popover-open") ?? false;
  const bellNow = () => document.querySelector<HTMLAnchorElement>("a[data-bell]");
  document.addEventListener("click", (event) => {
    const bell = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-bell]");
    if (!bell || event.ctrlKey || event.metaKey || event.shiftKey || event.button || innerWidth < 768) return;
    event.preventDefault();
    const panel = panelOf();
    if (isOpen()) return panel.hidePopover();
    void fill(bell, notices).then(() => {
      panel.showPopover();
      bell.setAttribute("aria-expanded", "true");
      place(panel, bell);
      (panel.querySelector<HTMLElement>(".notice-link") ?? panel.querySelector<HTMLElement>("a, button"))?.focus();
    });
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const panel = event.target as HTMLElement;
      if (panel.id !== PANEL || (event as ToggleEvent).newState === "open") return;
      bellNow()?.setAttribute("aria-expanded", "false");
      if (panel.contains(document.activeElement) || document.activeElement === document.body) bellNow()?.focus();
    },
    true,
  );
  // Beside a bell that has moved it would hang in the air.
  window.addEventListener("resize", () => isOpen() && panelOf().hidePopover());
  notices.addEventListener("ui:live", () => {
    const bell = bellNow();
    if (bell && isOpen()) void fill(bell, notices);
  });
}
