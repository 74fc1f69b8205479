/**
 * What is typed into the composer stays in sight: its bars stick over the text, a notice stands above
 * it, and a keyboard on the screen leaves little of a phone. The composer is scrolled as far as the
 * line one types needs, and only while the caret is in it.
 */
const GAP = 6;
let frame = 0;

function caretRect(): DOMRect | undefined {
  const selection = getSelection();
  const node = selection?.focusNode;
  if (!selection || !node) return undefined;
  const range = document.createRange();
  range.setStart(node, selection.focusOffset);
  const rect = range.getBoundingClientRect();
  if (rect.height) return rect;
  // An empty line has no rectangle of its own.
  const element = node instanceof Element ? (node.children[selection.focusOffset] ?? node) : node.parentElement;
  return element?.getBoundingClientRect();
}

function show(): void {
  const root = document.getElementById("composer");
  const field = root?.querySelector<HTMLElement>(".ProseMirror");
  if (!root || !field || document.activeElement !== field) return;
  const caret = caretRect();
  if (!caret) return;
  const edge = (selector: string) => root.querySelector(selector)?.getBoundingClientRect();
  const seen = window.visualViewport;
  const toast = document.querySelector("#toasts[data-top] .toast")?.getBoundingClientRect();
  const box = root.getBoundingClientRect();
  // Where the bar above the text sticks as soon as the notice has gone by.
  const stuck = box.top + (edge(".composer-top")?.height ?? 0);
  const top = Math.max(seen?.offsetTop ?? 0, stuck, toast?.bottom ?? 0) + GAP;
  const end = (seen?.offsetTop ?? 0) + (seen?.height ?? window.innerHeight);
  const bottom = Math.min(end, box.bottom, edge(".composer-tools")?.top ?? end) - GAP;
  if (bottom - top < caret.height) return;
  if (caret.bottom > bottom) root.scrollTop += caret.bottom - bottom;
  else if (caret.top < top) root.scrollTop -= top - caret.top;
}

const look = () => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(show);
};

document.addEventListener("selectionchange", look);
document.addEventListener("input", look);
document.addEventListener("toast", look);
window.addEventListener("resize", look);
window.visualViewport?.addEventListener("resize", look);
