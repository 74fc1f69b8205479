/**
 * Keys by their place on the board, so that Й is Q's key: `data-key="r"` on a link, button or field
 * presses or focuses it, where there are several the last, or the one with `data-key-first`;
 * `data-key="mod+k"`, `data-key="/"`; `?` lists what this page answers to.
 * Roving list: [data-roving] holds the links marked [data-row]; j/k and arrows move, Enter opens,
 * x ticks; z offers once more what could be undone last. Letters can be switched off (kept in this browser).
 */
import { onContent } from "./content";
import { openDialog } from "./overlays";
import { hasUndo } from "./toast";
import { word } from "./words";

const STORE = "otklik:letters";
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

function lettersOn(): boolean {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

/** "r", "/", "?", "mod+k", "shift+a": a name that does not depend on the layout. */
function nameOf(event: KeyboardEvent): string {
  const place = /^(?:Key|Digit)(\w)$/.exec(event.code)?.[1]?.toLowerCase();
  const key = place ?? { Slash: "/", Comma: ",", Period: "." }[event.code] ?? event.key.toLowerCase();
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return "?";
  if (event.key === "/") return "/";
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  return `${mod}${event.shiftKey && place ? "shift+" : ""}${key}`;
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));

const visible = (element: HTMLElement): boolean => element.checkVisibility({ visibilityProperty: true } as never);

function act(element: HTMLElement): void {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  } else element.click();
}

/** Seen, or in a menu whose button is: its keys work while it is closed. */
const reachable = (element: HTMLElement): boolean => {
  if (visible(element)) return true;
  const menu = element.closest<HTMLElement>("[popover]");
  const button = menu?.id ? document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(menu.id)}"]`) : null;
  return button !== null && visible(button);
};
const rowsOf = (list: Element) => [...list.querySelectorAll<HTMLElement>("[data-row]")].filter(visible);

function rove(step: number): boolean {
  const list = document.activeElement?.closest("[data-roving]") ?? document.querySelector("[data-roving]");
  if (!list) return false;
  const rows = rowsOf(list);
  const focused = rows.findIndex((row) => row === document.activeElement || row.closest(".row")?.contains(document.activeElement));
  const current = focused >= 0 ? focused : rows.findIndex((row) => row.closest("[aria-current]"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, current < 0 ? 0 : current + step))];
  if (!next) return false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function tick(): boolean {
  const row = document.activeElement?.closest(".row") ?? document.querySelector(".row[aria-current]");
  const box = row?.querySelector<HTMLInputElement>(".row-tick input");
  box?.click();
  return Boolean(box);
}

/** Where a key works, in the order in which the help says it; what is not named works everywhere. */
const PLACES: [string, string[]][] = [
  ["keysList", ["j", "k", "enter", "x", "/"]],
  ["keysTicket", ["r", "n", "mod+enter", "e", "a", "t", "s", "p", "m"]],
  ["keysEverywhere", []],
];

const shownKey = (key: string) =>
  key
    .replace("mod+", isApple ? "⌘ " : "Ctrl ")
    .replace("shift+", "⇧ ")
    .replace(/\benter$/, key === "enter" ? "Enter" : "↵")
    .replace("escape", "Esc")
    .replace(/(^| )(\w)$/, (end) => end.toUpperCase());

function group(heading: string, keys: [string, string][]): HTMLElement {
  const section = document.createElement("section");
  const title = document.createElement("h3");
  title.className = "heading";
  title.textContent = heading;
  const list = document.createElement("dl");
  list.className = "props";
  for (const [key, label] of keys) {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const name = document.createElement("kbd");
    name.className = "key";
    name.textContent = shownKey(key);
    term.append(name);
    const what = document.createElement("dd");
    what.textContent = label;
    pair.append(term, what);
    list.append(pair);
  }
  section.append(title, list);
  return section;
}

function help(): void {
  document.getElementById("keys-help")?.remove();
  const known = new Map<string, string>();
  if (document.querySelector("[data-roving]")) known.set("j", word("next")).set("k", word("previous")).set("enter", word("open"));
  if (document.querySelector(".row-tick")) known.set("x", word("tick"));
  document.querySelectorAll<HTMLElement>("[data-key]").forEach((element) => {
    const label = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? (element.innerText || element.textContent || "").replace(/\n.*/s, "").trim();
    if (reachable(element) && label) known.set(element.dataset.key!, label.replace(/\s\S{1,7}$/, (end) => (end.trim().toLowerCase() === element.dataset.key ? "" : end)));
  });
  if (document.querySelector("#composer")) known.set("mod+enter", word("send"));
  if (hasUndo()) known.set("z", word("undo"));
  known.set("escape", word("closeOne")).set("?", word("help"));
  const dialog = document.createElement("dialog");
  dialog.id = "keys-help";
  dialog.className = "dialog dialog-wide";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.className = "dialog-title";
  title.id = "keys-title";
  title.textContent = word("keys");
  const groups = document.createElement("div");
  groups.className = "keys-groups";
  const named = new Set(PLACES.flatMap(([, keys]) => keys));
  for (const [place, keys] of PLACES) {
    const shown = keys.length ? keys.filter((key) => known.has(key)) : [...known.keys()].filter((key) => !named.has(key));
    if (shown.length) groups.append(group(word(place), shown.map((key) => [key, known.get(key)!])));
  }
  const toggle = document.createElement("label");
  toggle.className = "choice";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.className = "checkbox";
  box.checked = lettersOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(STORE, box.checked ? "on" : "off");
    } catch {
      box.checked = true; // A browser that stores nothing keeps the keys on.
    }
  });
  const words = document.createElement("span");
  words.textContent = word("keysOff");
  toggle.append(box, words);
  const actions = document.createElement("div");
  actions.className = "dialog-actions";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button";
  close.dataset.close = "";
  close.textContent = word("close");
  actions.append(close);
  dialog.append(title, groups, toggle, actions);
  document.body.append(dialog);
  openDialog(dialog, document.activeElement as HTMLElement);
}

/** On a slow line the page that was left is still in sight: keys wait for the one that was opened. */
const KEPT = ["r", "n"];
let kept = "";
const isOpening = () => document.querySelector(".row-title.htmx-request") !== null;
document.addEventListener("htmx:afterSettle", (event) => {
  if (!kept || (event.target as HTMLElement).id !== "main") return;
  const key = kept;
  kept = "";
  // What is new on the page gets its behaviour first.
  window.setTimeout(() => {
    const bound = [...document.querySelectorAll<HTMLElement>(`[data-key="${key}"]`)].filter(reachable).at(-1);
    if (bound) act(bound);
  }, 150);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  const plain = !name.startsWith("mod+");
  const modal = document.querySelector("dialog:modal");
  if (plain && (typing(event.target) || (event.ctrlKey || event.metaKey))) return;
  if (plain && name.length <= 7 && name !== "?" && !lettersOn()) return;
  if (plain && (event.target as HTMLElement).closest?.(".menu")) return;
  if (plain && !modal && PLACES[1]![1].includes(name) && isOpening()) {
    if (KEPT.includes(name)) kept = name;
    event.preventDefault();
    return;
  }
  const scope: ParentNode = modal ?? document;
  // What is ticked comes before what is open.
  const reach = (key: string) => {
    const found = [...scope.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)].filter(reachable);
    return found.find((one) => "keyFirst" in one.dataset) ?? found.at(-1);
  };
  // A page without a field of its own searches everywhere.
  const bound = reach(name) ?? (name === "/" ? reach("mod+k") : undefined);
  let done = false;
  if (bound) {
    act(bound);
    done = true;
  } else if (!modal) {
    if (name === "j") done = rove(1);
    else if (name === "k") done = rove(-1);
    else if (name === "x") done = tick();
    else if (name === "z" && hasUndo()) done = document.dispatchEvent(new Event("ui:undo"));
    else if (name === "?") {
      help();
      done = true;
    }
    const inList = (event.target as HTMLElement).closest?.("[data-roving]");
    if (inList && (event.key === "ArrowDown" || event.key === "ArrowUp")) done = rove(event.key === "ArrowDown" ? 1 : -1);
  }
  if (done) event.preventDefault();
});

// Esc leaves a field for the page, so that letters work again; popovers and dialogs close themselves.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (document.querySelector("dialog[open], :popover-open:not(.tip)")) return;
  if (typing(event.target)) (event.target as HTMLElement).blur();
});

onContent((root) =>
  root.querySelectorAll<HTMLElement>("[data-key]").forEach((element) => {
    const key = element.dataset.key!;
    element.setAttribute("aria-keyshortcuts", key.replace("mod+", isApple ? "Meta+" : "Control+"));
  }),
);
