/**
 * Loads an island when the page holds its element: <ok-NAME> or [data-island~="NAME"].
 * The list of islands is made by the build from the rooms' islands/ folders.
 */
import { islands } from "virtual:islands";
import { onContent } from "./content";
import { fetchedPatiently } from "./fetched";
import { toast } from "./toast";
import { word } from "./words";

const started = new WeakMap<Element, Set<string>>();
/** Scripts on their way to an element; settled, and gone from here, when all of them have come or failed. */
const coming = new WeakMap<Element, Promise<unknown>>();

async function run(name: string, element: HTMLElement): Promise<void> {
  const module = await fetchedPatiently(islands[name]!).catch((error: unknown) => {
    toast({ text: word("unloaded") });
    throw error;
  });
  if (element.isConnected) module.default?.(element);
}

async function start(name: string, element: HTMLElement): Promise<void> {
  const known = started.get(element) ?? new Set();
  if (known.has(name)) return;
  started.set(element, known.add(name));
  const all = Promise.allSettled([coming.get(element), run(name, element)]);
  coming.set(element, all);
  const [, mine] = await all;
  if (coming.get(element) === all) coming.delete(element);
  if (mine.status === "rejected") throw mine.reason;
}

/** Whatever needs no script of an island: the browser, htmx or what every page has already acts on it. */
const ALIVE = "[popovertarget], [data-dialog], [data-dialog-url], [data-opens], [hx-get], [hx-post], [hx-delete]";

function scriptOf(button: Element): Promise<unknown> | undefined {
  for (let at: Element | null = button; at; at = at.parentElement) {
    const found = coming.get(at);
    if (found) return found;
  }
  return undefined;
}

/** Milliseconds after which nobody waits any more for what they pressed. */
const PATIENCE = 5000;

// Pressed before its script came: a link or a form goes its own way then, a button is pressed once more.
document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest?.<HTMLElement>('button[type="button"]');
  const script = button && !button.matches(ALIVE) ? scriptOf(button) : undefined;
  if (!button || !script) return;
  event.stopImmediatePropagation();
  const pressed = performance.now();
  void script.then(() => button.isConnected && performance.now() < pressed + PATIENCE && button.click());
}, true);

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    for (const name of waiting.get(target) ?? []) void start(name, target as HTMLElement);
  }
});
const waiting = new WeakMap<Element, Set<string>>();

/** The editor, and what says loading="lazy", wait until they are seen: a folded composer costs nothing. */
function consider(name: string, element: HTMLElement): void {
  if (name !== "editor" && element.getAttribute("loading") !== "lazy") {
    void start(name, element);
    return;
  }
  waiting.set(element, (waiting.get(element) ?? new Set()).add(name));
  seen.observe(element);
}

export function startIslands(): void {
  onContent((root) => {
    for (const name of Object.keys(islands)) {
      const selector = `ok-${name}, [data-island~="${name}"]`;
      if (root instanceof HTMLElement && root.matches(selector)) consider(name, root);
      root.querySelectorAll<HTMLElement>(selector).forEach((element) => consider(name, element));
    }
  });
}
