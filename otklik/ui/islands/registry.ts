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

export function startIslands(): void {
  onContent((root) => {
    for (const name of Object.keys(islands)) {
      const selector = `ok-${name}, [data-island~="${name}"]`;
      if (root instanceof HTMLElement && root.matches(selector)) void start(name, root);
      root.querySelectorAll<HTMLElement>(selector).forEach((element) => void start(name, element));
    }
  });
}
