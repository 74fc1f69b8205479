/**
 * What an element hears of the document or the window ends with it: a listener there holds the whole
 * ticket that has gone, and an agent opens hundreds of them a day on one page.
 */
import { onContent } from "./content";

const heard = new Map<AbortController, Element>();

export function hearOutside(element: Element, target: EventTarget, name: string, listener: (event: Event) => void): void {
  const end = new AbortController();
  heard.set(end, element);
  target.addEventListener(name, listener, { signal: end.signal });
}

onContent(() => {
  for (const [end, element] of heard) {
    if (element.isConnected) continue;
    end.abort();
    heard.delete(end);
  }
});
