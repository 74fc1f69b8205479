/** role="tablist" with buttons that name panels by aria-controls; arrows move, one is in the tab order. */
import { onContent } from "./content";

function choose(tab: HTMLElement): void {
  const list = tab.closest('[role="tablist"]')!;
  list.querySelectorAll<HTMLElement>('[role="tab"]').forEach((other) => {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
    if (panel) panel.hidden = !chosen;
  });
  tab.dispatchEvent(new CustomEvent("ui:tab", { bubbles: true, detail: tab.dataset.value ?? tab.id }));
}

document.addEventListener("click", (event) => {
  const tab = (event.target as HTMLElement).closest<HTMLElement>('[role="tab"]');
  if (tab) choose(tab);
});
document.addEventListener("keydown", (event) => {
  const tab = (event.target as HTMLElement).closest?.<HTMLElement>('[role="tab"]');
  if (!tab) return;
  const tabs = [...tab.closest('[role="tablist"]')!.querySelectorAll<HTMLElement>('[role="tab"]')];
  const at = tabs.indexOf(tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = tabs[(to + tabs.length) % tabs.length]!;
  next.focus();
  choose(next);
});
onContent((root) =>
  root.querySelectorAll<HTMLElement>('[role="tab"]').forEach((tab) => {
    tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
  }),
);
