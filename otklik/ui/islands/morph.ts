/**
 * Turns what is shown into what arrived without disturbing the person: the field in focus keeps its
 * text and caret, half-typed fields and open folds stay, scrolling does not move.
 */
import { Idiomorph } from "idiomorph";

/** Whether the browser can say that a list of choices stands open; others hold it while it has focus. */
const knowsOpen = CSS.supports("selector(select:open)");

const holdsWork = (element: Element): boolean => {
  if (element instanceof HTMLInputElement) {
    if (element.type === "checkbox" || element.type === "radio") return element.checked !== element.defaultChecked;
    return element.type !== "hidden" && element.value !== element.defaultValue;
  }
  if (element instanceof HTMLSelectElement) return knowsOpen ? element.matches(":open") : element === document.activeElement;
  return element instanceof HTMLTextAreaElement && element.value !== element.defaultValue;
};

/** Nothing of it differs, neither as it was written nor as a person left it. */
const isSame = (old: Element, fresh: Node): boolean => {
  if (old instanceof HTMLSelectElement) return [...old.options].every((one) => one.selected === one.defaultSelected) && old.isEqualNode(fresh);
  return !old.querySelector("input, select, textarea, ok-combobox") && !old.matches("input, textarea, option, ok-combobox") && old.isEqualNode(fresh);
};

/** The live piece owes the person the truth: it follows when they let go. */
const owe = (element: Element) => element.closest<HTMLElement>("[data-live]")?.setAttribute("data-live-owed", "");

const keeps = (element: Element): boolean =>
  element.hasAttribute("data-keep") ||
  element.matches("[popover]:popover-open, dialog[open], ok-editor, ok-combobox:focus-within") ||
  element.getAttribute("hx-preserve") === "true";

export function morph(target: Element, content: Node | string, style: "innerHTML" | "outerHTML"): Node[] {
  const changed = new Set<Element>();
  const result = Idiomorph.morph(target, content as never, {
    morphStyle: style,
    // Of a pane, a row or a button in focus nothing is held back, only of what is typed into.
    ignoreActiveValue: document.activeElement?.matches("input, textarea, select") ?? false,
    restoreFocus: true,
    callbacks: {
      beforeNodeMorphed(old: Node, fresh: Node) {
        if (old instanceof Element && old.matches("ok-combobox:not(:focus-within)") && "renew" in old) {
          (old as Element & { renew: (fresh: Element) => void }).renew(fresh as Element);
          return false;
        }
        if (!(old instanceof Element)) return true;
        if (!(keeps(old) || holdsWork(old))) return !isSame(old, fresh);
        if (!old.matches("[data-keep]") && !old.isEqualNode(fresh)) owe(old);
        return false;
      },
      beforeNodeRemoved(old: Node) {
        return !(old instanceof Element && (keeps(old) || old.contains(document.activeElement) && holdsWork(document.activeElement!)));
      },
      beforeAttributeUpdated(name: string, node: Element) {
        if (name === "open" && node instanceof HTMLDetailsElement) return false;
        return !(name === "aria-expanded" || name === "data-live-owed" || (name === "data-side" && node.id === "shell"));
      },
      afterNodeAdded(node: Node) {
        if (node instanceof Element) changed.add(node);
      },
      afterNodeMorphed(old: Element, fresh: Node) {
        if (fresh instanceof Element && old.hasAttribute?.("data-version") && changed.size) changed.add(old);
      },
    },
  } as never) as Node[] | undefined;
  for (const element of changed) {
    const row = element.closest(".row, [data-fade]");
    row?.classList.add("is-changed");
    row?.addEventListener("animationend", () => row.classList.remove("is-changed"), { once: true });
  }
  return result ?? [target];
}
