/** Tables in the editor: Tab goes from cell to cell and adds a row at the end. */
import { Node, mergeAttributes, type CommandProps, type Editor } from "@tiptap/core";
import type { Command } from "@tiptap/pm/state";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable, tableEditing } from "@tiptap/pm/tables";

const SIZE = { rows: 3, columns: 2 };
const spans = {
  colspan: { default: 1, parseHTML: (cell: HTMLElement) => (cell as HTMLTableCellElement).colSpan || 1 },
  rowspan: { default: 1, parseHTML: (cell: HTMLElement) => (cell as HTMLTableCellElement).rowSpan || 1 },
  colwidth: { default: null, rendered: false },
};

/** An attribute that says nothing is not written. */
function spelt(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== 1 && value !== null));
}

const Row = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: ({ HTMLAttributes }) => ["tr", mergeAttributes(HTMLAttributes), 0],
  extendNodeSchema: (extension) => ({ tableRole: ROLES[extension.name] }),
});

const Cell = Node.create({
  name: "tableCell",
  content: "block+",
  isolating: true,
  addAttributes: () => spans,
  parseHTML: () => [{ tag: "td" }],
  renderHTML: ({ HTMLAttributes }) => ["td", spelt(HTMLAttributes), 0],
});

const Header = Node.create({
  name: "tableHeader",
  content: "block+",
  isolating: true,
  addAttributes: () => spans,
  parseHTML: () => [{ tag: "th" }],
  renderHTML: ({ HTMLAttributes }) => ["th", spelt(HTMLAttributes), 0],
});

const ROLES: Record<string, string> = { table: "table", tableRow: "row", tableCell: "cell", tableHeader: "header_cell" };

const Table = Node.create({
  name: "table",
  group: "block",
  content: "tableRow+",
  isolating: true,
  parseHTML: () => [{ tag: "table" }],
  renderHTML: ({ HTMLAttributes }) => ["table", mergeAttributes(HTMLAttributes), ["tbody", 0]],
  addProseMirrorPlugins: () => [tableEditing()],
  addKeyboardShortcuts() {
    return {
      Tab: () => {
        if (!isInTable(this.editor.state)) return false;
        if (this.editor.commands.command(run(goToNextCell(1)))) return true;
        return this.editor.chain().command(run(addRowAfter)).command(run(goToNextCell(1))).run();
      },
      "Shift-Tab": () => isInTable(this.editor.state) && this.editor.commands.command(run(goToNextCell(-1))),
    };
  },
});

export const TABLES = [Table, Row, Cell, Header];

/** What the tools call: insertTable, rowAfter, columnAfter, deleteRow, deleteColumn, deleteTable. */
export function changeTable(editor: Editor, what: string): void {
  const change = CHANGES[what];
  if (change) editor.chain().focus().command(run(change)).run();
  else if (what === "insertTable" && !isInTable(editor.state)) editor.chain().focus().insertContent(empty(SIZE.rows, SIZE.columns)).command(toFirstCell).run();
}

export const inTable = (editor: Editor): boolean => isInTable(editor.state);

const CHANGES: Record<string, Command> = { rowAfter: addRowAfter, columnAfter: addColumnAfter, deleteRow, deleteColumn, deleteTable };

/** A command of the tables' library as a step of the editor's chain. */
function run(command: Command) {
  return ({ state, dispatch }: CommandProps) => command(state, dispatch);
}

function empty(rows: number, columns: number): object {
  const cells = (type: string) => Array.from({ length: columns }, () => ({ type, content: [{ type: "paragraph" }] }));
  const made = Array.from({ length: rows }, (_unused, at) => ({ type: "tableRow", content: cells(at ? "tableCell" : "tableHeader") }));
  return { type: "table", content: made };
}

/** The caret stands after what was put in: back to where one begins to fill it. */
function toFirstCell({ tr, commands }: CommandProps): boolean {
  let place = -1;
  tr.doc.nodesBetween(0, tr.selection.from, (node, at) => {
    if (node.type.name === "table") place = at;
    return node.type.name !== "table";
  });
  return place < 0 || commands.setTextSelection(place + 4);
}
