/** Words that somebody should look at, underlined where they stand. */
import type { Editor } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

const key = new PluginKey<DecorationSet>("pointing");

export function pointing(): Plugin {
  return new Plugin<DecorationSet>({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(change, known) {
        const quotes = change.getMeta(key) as string[] | undefined;
        return quotes ? find(change.doc, quotes) : known.map(change.mapping, change.doc);
      },
    },
    props: { decorations: (state) => key.getState(state) },
  });
}

export function pointTo(editor: Editor, quotes: string[]): void {
  editor.view.dispatch(editor.state.tr.setMeta(key, quotes).setMeta("addToHistory", false));
}

function find(doc: Node, quotes: string[]): DecorationSet {
  const found: Decoration[] = [];
  doc.descendants((node, position) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, "\n", "\ufffc").toLowerCase();
    for (const quote of quotes) {
      const at = quote ? text.indexOf(quote.toLowerCase()) : -1;
      if (at >= 0) found.push(Decoration.inline(position + 1 + at, position + 1 + at + quote.length, { class: "pointed" }));
    }
    return false;
  });
  return DecorationSet.create(doc, found);
}
