/**
 * <dialog data-island="palette" data-src="/palette/">: opened by [data-palette] (Ctrl K). What is
 * found comes from the server; what the page itself can do is read off its keys and menus, so a new
 * button is in the palette without being told of. The caret stays in the field.
 */
import { htmx } from "../../ui/islands/hypertext";
import { fold, swapLayout } from "../../ui/islands/spelling";

type Act = { label: string; detail: string; key: string; icon: Element | null; element: HTMLElement; isTicket: boolean };

const WAIT = 120;
const MOST_ACTS = 12;

function textOf(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  copy.querySelectorAll("kbd, svg, .visually-hidden, .nav-count").forEach((part) => part.remove());
  return (element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? (copy.textContent ?? "")).replace(/\s+/g, " ").trim();
}

const openerOf = (menu: Element) => document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(menu.id)}"]`);
const isShown = (element: Element) => (element as HTMLElement).checkVisibility({ visibilityProperty: true } as never);

/** Everything with a key and every line of a menu whose opener is in sight, each name once. */
function collectActs(): Act[] {
  const known = new Map<string, Act>();
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]:not([data-palette]), .menu[popover] .menu-item, [data-act]")) {
    if (element.closest("dialog, template, [hidden]") || element.getAttribute("aria-disabled") === "true") continue;
    const menu = element.closest(".menu[popover]");
    const opener = menu && openerOf(menu);
    if (menu ? !opener || !isShown(opener) : !isShown(element)) continue;
    const label = textOf(element);
    if (!label) continue;
    const heading = element.closest("form")?.querySelector(".menu-heading")?.textContent ?? (menu?.id === "menu-ticket" ? "" : menu?.getAttribute("aria-label")) ?? "";
    const key = fold(label);
    const found = known.get(key);
    if (found && (found.key || !element.dataset.key)) continue;
    known.set(key, {
      label,
      detail: heading.trim() === label ? "" : heading.trim(),
      key: element.dataset.key ?? found?.key ?? "",
      icon: element.querySelector("svg.icon"),
      element: found?.element ?? element,
      isTicket: Boolean(element.closest("#main, #side")) && Boolean(ticketNumber()),
    });
  }
  return [...known.values()].sort((one, other) => Number(other.isTicket) - Number(one.isTicket));
}

function ticketNumber(): string {
  return /^\/tickets\/(\d+)\//.exec(location.pathname)?.[1] ?? "";
}

function fits(act: Act, words: string[]): boolean {
  const known = fold(`${act.label} ${act.detail}`).split(/[^\p{L}\p{N}]+/u);
  return words.every((word) => known.some((one) => one.startsWith(word)));
}

const splitWords = (text: string) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

export default function palette(dialog: HTMLDialogElement): void {
  const field = dialog.querySelector<HTMLInputElement>('[role="combobox"]')!;
  const results = dialog.querySelector<HTMLElement>(".palette-results")!;
  const found = results.querySelector<HTMLElement>("[data-found]")!;
  const pageActs = results.querySelector<HTMLElement>("[data-page-acts]")!;
  const last = results.querySelector<HTMLElement>("[data-last]")!;
  const nothing = results.querySelector<HTMLElement>("[data-nothing]")!;
  const said = dialog.querySelector<HTMLElement>('[role="status"]')!;
  let acts: Act[] = [];
  let back: HTMLElement | null = null;
  let timer = 0;
  let asking: AbortController | undefined;
  let arrived: Promise<void> = Promise.resolve();
  let at = 0;
  let moved = false;

  const options = () => [...results.querySelectorAll<HTMLElement>('[role="option"]')];

  const select = (to: number) => {
    const all = options();
    at = all.length ? (to + all.length) % all.length : 0;
    all.forEach((option, number) => {
      option.id = `palette-option-${number}`;
      option.setAttribute("aria-selected", String(number === at));
    });
    const chosen = all[at];
    if (chosen) {
      field.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
    nothing.hidden = all.length > 0;
  };

  const showActs = () => {
    const typed = field.value.trim();
    const only = typed[0] ?? "";
    const words = splitWords(typed);
    const swapped = splitWords(swapLayout(typed));
    const shown = only === "@" || only === "#" ? [] : acts.filter((act) => fits(act, words) || (swapped.length > 0 && fits(act, swapped)));
    const limit = only === ">" ? 60 : words.length ? MOST_ACTS : 8;
    const groups = new Map<string, Act[]>();
    for (const act of shown.slice(0, limit)) {
      const name = act.isTicket ? dialog.dataset.actsTicket!.replace("%s", ticketNumber()) : dialog.dataset.acts!;
      groups.set(name, [...(groups.get(name) ?? []), act]);
    }
    pageActs.replaceChildren(...[...groups].map(([name, list], number) => groupOf(name, list, number)));
    select(moved ? at : 0);
  };

  const groupOf = (name: string, list: Act[], number: number): HTMLElement => {
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    const heading = document.createElement("p");
    heading.className = "menu-heading";
    heading.id = `palette-acts-${number}`;
    heading.textContent = name;
    group.setAttribute("aria-labelledby", heading.id);
    group.append(heading, ...list.map(lineOf));
    return group;
  };

  const lineOf = (act: Act): HTMLElement => {
    const line = document.createElement("button");
    line.type = "button";
    line.className = "menu-item palette-item";
    line.setAttribute("role", "option");
    line.tabIndex = -1;
    const icon = document.createElement("span");
    icon.className = "palette-icon";
    if (act.icon) icon.append(act.icon.cloneNode(true));
    line.append(icon);
    const label = document.createElement("span");
    label.className = "palette-label";
    label.textContent = act.label;
    line.append(label);
    if (act.detail) {
      const detail = document.createElement("span");
      detail.className = "palette-detail meta";
      detail.textContent = act.detail;
      line.append(detail);
    }
    if (act.key) {
      const key = document.createElement("kbd");
      key.className = "key";
      key.textContent = act.key.replace("mod+", "Ctrl ").replace("shift+", "⇧ ").replace(/\w$/, (letter) => letter.toUpperCase());
      line.append(key);
    }
    line.addEventListener("click", () => {
      const { element } = act;
      dialog.close();
      if (!element.isConnected) return;
      if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) element.focus();
      else element.click();
    });
    return line;
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const url = new URL(dialog.dataset.src!, location.href);
    url.searchParams.set("q", field.value.trim());
    if (ticketNumber()) url.searchParams.set("ticket", ticketNumber());
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      found.innerHTML = await response.text();
      htmx.process(found);
      // What would be made anew stands below what there is: the acts of the page, too.
      last.replaceChildren(...found.querySelectorAll(":scope > [data-creates]"));
      nothing.textContent = dialog.dataset.nothing!;
    } catch (error) {
      if ((error as Error).name === "AbortError") return;
      found.replaceChildren();
      last.replaceChildren();
      nothing.textContent = dialog.dataset.failed!;
    }
    select(moved ? at : 0);
    said.textContent = options().length ? String(options().length) : nothing.textContent!;
  };

  const typed = () => {
    moved = false;
    showActs();
    window.clearTimeout(timer);
    arrived = new Promise((done) => (timer = window.setTimeout(() => void ask().then(done), WAIT)));
  };

  const go = async (isNewTab: boolean) => {
    // What was typed is asked first: Enter right after the last letter opens what that letter found.
    if (!moved) await Promise.race([arrived, new Promise((done) => window.setTimeout(done, 1500))]);
    const chosen = options()[at];
    if (!chosen || !dialog.open) return;
    if (chosen instanceof HTMLAnchorElement && isNewTab) window.open(chosen.href, "_blank", "noopener");
    else chosen.click();
  };

  const open = () => {
    if (dialog.open) return;
    back = document.activeElement as HTMLElement;
    acts = collectActs();
    field.value = "";
    found.replaceChildren();
    last.replaceChildren();
    dialog.showModal();
    field.focus();
    typed();
  };
  dialog.dataset.ready = "";
  if (dialog.open) {
    acts = collectActs();
    typed();
  }

  document.addEventListener("click", (event) => {
    const opener = (event.target as HTMLElement).closest?.("[data-palette]");
    if (!opener || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  field.addEventListener("input", typed);
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      moved = true;
      select(at + step);
    } else if (event.key === "Enter" && !event.isComposing && document.activeElement === field) void go(event.ctrlKey || event.metaKey);
    else if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") dialog.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  results.addEventListener("click", (event) => {
    const chosen = (event.target as HTMLElement).closest("a, form button");
    if (chosen && !event.ctrlKey && !event.metaKey) dialog.close();
  });
  dialog.addEventListener("close", () => {
    asking?.abort();
    if (back?.isConnected) back.focus({ preventScroll: true });
  });
}
