/** Asks for the address of a link in a dialog of the page; "example.com" and a mail address will do. */
import type { Editor } from "@tiptap/core";
import { openDialog } from "../overlays";
import { word } from "../words";

/** What was typed as an address that a letter can carry; null when it is none. */
function asAddress(typed: string): string | null {
  const text = typed.trim();
  if (/^(https?:\/\/|mailto:|tel:)[^\s]+$/i.test(text)) return text;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/.]{2,}$/.test(text)) return `mailto:${text}`;
  return /^[^\s@:/?#]+\.[^\s@:/?#.]{2,}(:\d{1,5})?([/?#]\S*)?$/.test(text) ? `https://${text}` : null;
}

type Range = { from: number; to: number };

function put(editor: Editor, at: Range, href: string, typed: string): void {
  const chain = editor.chain().focus().setTextSelection(at);
  if (at.from !== at.to) chain.setLink({ href }).run();
  else chain.insertContent([{ type: "text", text: typed, marks: [{ type: "link", attrs: { href } }] }, { type: "text", text: " " }]).run();
}

function made<K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

export function askForLink(editor: Editor): void {
  // The browser gives the focus back to the field, but not the caret to its place.
  const { from, to } = editor.state.selection;
  const dialog = made("dialog", "dialog");
  dialog.setAttribute("aria-labelledby", "link-title");
  const form = made("form", "column");
  form.noValidate = true;
  const title = made("h2", "dialog-title", word("insertLink"));
  title.id = "link-title";
  const field = made("div", "field");
  const label = made("label", "field-label", word("link"));
  const input = made("input", "input");
  const note = made("p", "field-help", "example.com");
  label.htmlFor = input.id = "link-address";
  note.id = "link-note";
  input.inputMode = "url";
  input.autocomplete = "off";
  input.maxLength = 2000;
  input.setAttribute("aria-describedby", note.id);
  field.append(label, input, note);
  const actions = made("div", "dialog-actions");
  const cancel = made("button", "button", word("cancel"));
  cancel.type = "button";
  const send = made("button", "button button-primary", word("insertLink"));
  actions.append(cancel, send);
  form.append(title, field, actions);
  dialog.append(form);
  // At once, not with the event that says it is closed: a letter typed before that would stand at the
  // beginning, where the browser puts the caret as it gives the focus back.
  const finish = (href: string | null) => {
    if (!dialog.isConnected) return;
    dialog.close();
    dialog.remove();
    if (editor.isDestroyed) return;
    editor.view.focus();
    if (href) put(editor, { from, to }, href, input.value.trim());
    else editor.commands.setTextSelection({ from, to });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const href = asAddress(input.value);
    if (href) return finish(href);
    field.classList.add("field-invalid");
    input.setAttribute("aria-invalid", "true");
    note.className = "field-error";
    note.setAttribute("role", "alert");
    note.textContent = word("noLink");
    input.focus();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    finish(null);
  });
  cancel.addEventListener("click", () => finish(null));
  dialog.addEventListener("close", () => finish(null));
  document.body.append(dialog);
  openDialog(dialog);
  input.focus();
}
