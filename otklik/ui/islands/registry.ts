/**
 * Loads an island when the page holds its element: <ok-NAME> or [data-island~="NAME"].
 * The list of islands is made by the build from the rooms' islands/ folders.
 */
import { islands } from "virtual:islands";
import { onContent } from "./content";

const started = new WeakMap<Element, Set<string>>();

async function start(name: string, element: HTMLElement): Promise<void> {
  const known = started.get(element) ?? new Set();
  if (known.has(name)) return;
  started.set(element, known.add(name));
  const module = await islands[name]?.();
  if (element.isConnected) module?.default?.(element);
}

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
