/** Runs `visit` for the page and again for every piece of it that a swap brings in. */
const visitors: ((root: ParentNode) => void)[] = [];

export function onContent(visit: (root: ParentNode) => void): void {
  visitors.push(visit);
  if (document.readyState !== "loading") visit(document);
}

export function announceContent(root: ParentNode): void {
  for (const visit of visitors) visit(root);
}

document.addEventListener("DOMContentLoaded", () => announceContent(document));
document.addEventListener("htmx:load", (event) => {
  if (event.target !== document.body) announceContent(event.target as HTMLElement);
});

/**
 * What a form put in its own place says where one goes on ([data-focus]); only when the focus went
 * away with what was there.
 */
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const next = (event.target as HTMLElement).querySelector<HTMLElement>("[data-focus]");
  next?.focus({ preventScroll: false });
  next?.removeAttribute("data-focus");
});
