/**
 * One toast at a time, at the bottom. From a response header
 * `HX-Trigger: {"toast": {"text": "…", "undo": "/operations/7/undo/"}}`, from
 * <template data-toast="…" data-undo="…"> in a page or fragment, or from a script.
 * The last one that could be undone comes back by "ui:undo", so that nobody undoes what they don't see.
 */
import { onContent } from "./content";
import { word } from "./words";

export type Toast = { text: string; undo?: string; link?: string; seconds?: number };

const SECONDS = 8;
const LAST = "otklik:undo";
let stop: (() => void) | undefined;
let shown: (() => Toast) | undefined;

function button(className: string, label: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  return made;
}

function drawRing(): { element: SVGSVGElement; show: (left: number) => void } {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "toast-ring");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const circles = [0, 1].map(() => {
    const circle = document.createElementNS(space, "circle");
    for (const [name, value] of [["cx", "8"], ["cy", "8"], ["r", "6"], ["pathLength", "100"]]) circle.setAttribute(name!, value!);
    svg.append(circle);
    return circle;
  });
  return { element: svg, show: (left) => circles[1]!.setAttribute("stroke-dasharray", `${left * 100} 100`) };
}

/** Of this tab, also after the next page has come; "" for none any more. */
function remember(text: string, undo: string): void {
  try {
    sessionStorage.setItem(LAST, undo && JSON.stringify({ text, undo }));
  } catch {
    // A browser that stores nothing offers it as long as the toast is there.
  }
}

/** Whether there is something to offer once more. */
export function hasUndo(): boolean {
  try {
    return Boolean(sessionStorage.getItem(LAST));
  } catch {
    return false;
  }
}

async function undo(url: string): Promise<void> {
  remember("", "");
  const { htmx } = await import("./hypertext");
  await htmx.ajax("post", url, { swap: "none", source: document.body } as never);
}

/** Never on the button that one is about to press to send: then above what it belongs to. */
function makeWay(holder: HTMLElement): void {
  const send = [...document.querySelectorAll<HTMLElement>("button[data-send]")].find((button) => button.checkVisibility());
  const bar = send?.closest(".pane-foot")?.getBoundingClientRect();
  const up = bar && bar.top > 120 && bar.bottom > window.innerHeight - 8 ? `${Math.round(window.innerHeight - bar.top + 8)}px` : "";
  if (holder.style.insetBlockEnd !== up) holder.style.insetBlockEnd = up;
  // Where the bar fills a phone, one is writing in it: at the top the words stay in sight.
  holder.toggleAttribute("data-top", Boolean(bar && !up && window.innerWidth < 768 && bar.height > window.innerHeight * 0.4));
}

export function toast({ text, undo: url, link, seconds = SECONDS }: Toast): void {
  const holder = document.getElementById("toasts");
  if (!holder || !text) return;
  stop?.();
  const box = document.createElement("div");
  box.className = "toast";
  const ring = drawRing();
  const words = document.createElement("span");
  words.className = "toast-text";
  // "{left}" counts down to what nothing here can stop: pointing at it stops no clock then.
  const counts = text.includes("{left}");
  const tell = (left: number) => {
    const told = text.replace("{left}", String(Math.ceil(left / 1000)));
    if (words.textContent !== told) words.textContent = told;
  };
  tell(seconds * 1000);
  box.append(ring.element, words);
  const close = () => {
    stop?.();
    stop = shown = undefined;
  };
  if (url) {
    if (!counts) remember(text, url);
    const action = button("toast-action", word("undo"));
    action.dataset.key = "z";
    const key = document.createElement("kbd");
    key.className = "key";
    key.textContent = "Z";
    action.append(key);
    action.addEventListener("click", () => {
      close();
      void undo(url);
    });
    box.append(action);
  }
  if (link) {
    const action = document.createElement("a");
    action.className = "toast-action";
    action.href = link;
    action.textContent = word("open");
    box.append(action);
  }
  const closer = button("toast-close", "×");
  closer.setAttribute("aria-label", word("close"));
  closer.addEventListener("click", close);
  box.append(closer);

  let left = seconds * 1000;
  let last = performance.now();
  const tick = window.setInterval(() => {
    const now = performance.now();
    if (counts || !box.matches(":hover, :focus-within")) left -= now - last;
    last = now;
    makeWay(holder);
    tell(Math.max(0, left));
    ring.show(Math.max(0, left / (seconds * 1000)));
    if (left <= 0) close();
  }, 100);
  stop = () => {
    window.clearInterval(tick);
    box.remove();
  };
  shown = () => ({ text, ...(url ? { undo: url } : {}), ...(link ? { link } : {}), seconds: Math.max(2, Math.ceil(left / 1000)) });
  ring.show(1);
  holder.replaceChildren(box);
  makeWay(holder);
}

onContent((root) => {
  root.querySelectorAll<HTMLTemplateElement>("template[data-toast]").forEach((note) => {
    note.remove();
    toast({ text: note.dataset.toast!, ...(note.dataset.undo ? { undo: note.dataset.undo } : {}) });
  });
});
document.addEventListener("toast", (event) => toast((event as CustomEvent<Toast>).detail));
document.addEventListener("ui:undo", () => hasUndo() && toast(JSON.parse(sessionStorage.getItem(LAST)!) as Toast));

/** What is told now is told on the page that one is led to as well, unless that one has its own. */
export function carryToast(): void {
  if (!shown || /(?:^|; )otklik_toast=/.test(document.cookie)) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `otklik_toast=${encodeURIComponent(JSON.stringify(shown()))}; path=/; max-age=30; samesite=strict${secure}`;
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
  if (xhr.getResponseHeader("HX-Redirect")) carryToast();
});

/** What a redirect left behind; an address to undo by must be on this site. */
function fromCookie(): void {
  const found = /(?:^|; )otklik_toast=([^;]+)/.exec(document.cookie)?.[1];
  if (!found) return;
  document.cookie = "otklik_toast=; path=/; max-age=0; samesite=strict";
  try {
    const left = JSON.parse(decodeURIComponent(found.replace(/^"|"$/g, ""))) as Toast;
    const { undo: url, ...rest } = left;
    toast(url && new URL(url, location.href).origin === location.origin ? left : rest);
  } catch {
    // Not ours, or cut short: nothing to show.
  }
}

onContent((root) => {
  if (root === document) fromCookie();
});
