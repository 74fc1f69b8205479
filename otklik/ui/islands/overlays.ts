/**
 * Menus (popover beside their opener), dialogs, sheets. Esc closes one layer and focus returns to
 * what opened it. `data-dialog="id"` opens a <dialog>; `data-dialog-url="/…"` fills #dialog from the
 * server first, so does `HX-Trigger: openDialog` with its `url`; `HX-Trigger: closeDialog` or
 * [data-close] closes. `data-opens="id"` is the opener of a dialog with a script of its own, which
 * says `data-ready` when it is there.
 */
import { onContent } from "./content";
import { enliven } from "./hypertext";
import { toast } from "./toast";
import { word } from "./words";

const GAP = 4;
const EDGE = 8;

export function place(floating: HTMLElement, anchor: Element, above = false): void {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const rtl = getComputedStyle(anchor).direction === "rtl";
  const alignEnd = box.left + width > window.innerWidth - EDGE || rtl;
  const left = Math.max(EDGE, Math.min(alignEnd ? box.right - width : box.left, window.innerWidth - width - EDGE));
  const below = box.bottom + GAP;
  const fitsBelow = below + height <= window.innerHeight - EDGE;
  const over = box.top - GAP - height;
  const top = (above || !fitsBelow) && over >= EDGE ? over : Math.max(EDGE, Math.min(below, window.innerHeight - height - EDGE));
  floating.style.left = `${left}px`;
  floating.style.top = `${top}px`;
}

const openerOf = (menu: Element) => document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(menu.id)}"]`);
const itemsOf = (menu: Element) => [...menu.querySelectorAll<HTMLElement>('.menu-item:not([aria-disabled="true"])')];

/** Pressed before the script of its dialog came: the dialog opens, and takes what is typed. */
document.addEventListener("click", (event) => {
  const opener = (event.target as HTMLElement).closest?.<HTMLElement>("[data-opens]");
  const dialog = opener && document.querySelector<HTMLDialogElement>(`dialog#${CSS.escape(opener.dataset.opens!)}`);
  if (!dialog || "ready" in dialog.dataset || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input")?.focus();
});

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target as HTMLElement;
    if (!menu.matches?.(".menu[popover]")) return;
    const opener = openerOf(menu);
    const open = (event as ToggleEvent).newState === "open";
    opener?.setAttribute("aria-expanded", String(open));
    if (open && opener) {
      place(menu, opener);
      (menu.querySelector<HTMLElement>("[autofocus]") ?? itemsOf(menu)[0])?.focus();
    }
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = (event.target as HTMLElement).closest?.<HTMLElement>(".menu[popover]");
  if (!menu) return;
  const items = itemsOf(menu);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || (event.target as HTMLElement).matches("input") && !["ArrowDown", "ArrowUp"].includes(event.key)) {
    if (event.key === "Tab") menu.hidePopover();
    return;
  }
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
});

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const item = target.closest<HTMLElement>(".menu-item:not([data-stay])");
  item?.closest<HTMLElement>(".menu[popover]")?.hidePopover();
  if (item?.getAttribute("aria-disabled") === "true") event.preventDefault();
});
window.addEventListener("resize", () => {
  document.querySelectorAll<HTMLElement>(".menu:popover-open").forEach((menu) => menu.hidePopover());
});

const openers = new WeakMap<HTMLDialogElement, HTMLElement>();

export function openDialog(dialog: HTMLDialogElement, opener?: HTMLElement | null): void {
  if (opener) openers.set(dialog, opener);
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const opener = target.closest<HTMLElement>("[data-dialog], [data-dialog-url]");
  if (opener) {
    event.preventDefault();
    const dialog = opener.dataset.dialog && document.getElementById(opener.dataset.dialog);
    if (dialog instanceof HTMLDialogElement) openDialog(dialog, opener);
    else if (opener.dataset.dialogUrl) void fetchDialog(opener.dataset.dialogUrl, opener);
    return;
  }
  const dialog = target.closest<HTMLDialogElement>("dialog[open]");
  if (!dialog) return;
  const box = dialog.getBoundingClientRect();
  const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  const pressed = event.clientX !== 0 || event.clientY !== 0;
  if (target.closest("[data-close]") || (target === dialog && outside && pressed)) dialog.close();
});

async function fetchDialog(url: string, opener: HTMLElement): Promise<void> {
  let dialog = document.getElementById("dialog") as HTMLDialogElement | null;
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "dialog";
    dialog.className = "dialog";
    document.body.append(dialog);
  }
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!response.ok) throw new Error(String(response.status));
    dialog.className = `dialog ${opener.dataset.dialogClass ?? ""}`;
    dialog.innerHTML = await response.text();
  } catch {
    toast({ text: word("failed") });
    return;
  }
  const title = dialog.querySelector(".dialog-title");
  if (title) {
    title.id ||= "dialog-title";
    dialog.setAttribute("aria-labelledby", title.id);
  } else dialog.setAttribute("aria-label", opener.getAttribute("aria-label") ?? opener.textContent!.trim());
  if (!dialog.querySelector("[data-close]")) dialog.append(closer());
  enliven([dialog]);
  openDialog(dialog, opener);
}

/** Where no button says what becomes of it, a finger finds one; last, so that the first choice has the focus. */
function closer(): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-icon button-quiet dialog-close";
  made.dataset.close = "";
  made.textContent = "×";
  made.setAttribute("aria-label", word("close"));
  return made;
}

document.addEventListener("close", (event) => {
  const dialog = event.target as HTMLDialogElement;
  const opener = dialog instanceof HTMLDialogElement ? openers.get(dialog) : undefined;
  if (opener?.isConnected) opener.focus();
}, true);
document.addEventListener("openDialog", (event) => {
  const { url } = (event as CustomEvent<{ url: string }>).detail;
  void fetchDialog(url, (document.activeElement as HTMLElement | null) ?? document.body);
});
document.addEventListener("closeDialog", () => {
  document.querySelectorAll<HTMLDialogElement>("dialog[open]").forEach((dialog) => dialog.close());
});
onContent((root) => root.querySelectorAll<HTMLDialogElement>("dialog[data-open]").forEach((dialog) => openDialog(dialog)));

// One question of a dialog after the other: the next one takes the focus that the last one had.
document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = (event.target as HTMLElement).closest?.<HTMLDialogElement>("dialog[open]");
  const at = document.activeElement;
  if (!dialog || (at && at !== document.body && at !== dialog)) return;
  (dialog.querySelector<HTMLElement>("[autofocus]") ?? dialog.querySelector<HTMLElement>("input, select, textarea, button, a[href]"))?.focus();
});
