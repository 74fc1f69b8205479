/** What the editor knows beyond plain rich text: references to things of the desk, and marked gaps. */
import { Mark, Node, mergeAttributes } from "@tiptap/core";

/** A colleague, team or ticket named in the text: <span data-ref="person:7">@Marina</span>. */
export const Reference = Node.create({
  name: "reference",
  group: "inline",
  inline: true,
  atom: true,
  selectable: false,
  addAttributes() {
    return {
      ref: { default: "", parseHTML: (element) => element.dataset.ref ?? "", renderHTML: ({ ref }) => ({ "data-ref": ref as string }) },
      label: { default: "", parseHTML: (element) => element.textContent ?? "", renderHTML: () => ({}) },
    };
  },
  parseHTML: () => [{ tag: "span[data-ref]" }],
  renderHTML: ({ node, HTMLAttributes }) => ["span", mergeAttributes(HTMLAttributes), String(node.attrs.label)],
  renderText: ({ node }) => String(node.attrs.label),
});

/** A placeholder nothing was known for: it stands out until it is written over. */
export const Gap = Mark.create({
  name: "gap",
  inclusive: false,
  parseHTML: () => [{ tag: "mark" }],
  renderHTML: ({ HTMLAttributes }) => ["mark", mergeAttributes(HTMLAttributes), 0],
});
