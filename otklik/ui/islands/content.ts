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
