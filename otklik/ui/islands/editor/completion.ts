/**
 * Completion while one types: "/" canned replies, "@" colleagues, "#" tickets, ":" emoji.
 * Each source is a <template data-complete="/" data-src="/…" data-label="…"> inside the editor; the
 * server answers `src?q=…` with <button class="menu-item"> that say what they put in:
 *   data-ref="person:7" data-label="@Marina"   a reference    data-text="😄"   plain text
 *   data-insert="/…/insertion/"   a POST that answers {"html": …, "files": …}
 * A `.completion-preview` inside the marked one is shown beside the list.
 */
import type { Editor } from "@tiptap/core";
import { Plugin, type EditorState } from "@tiptap/pm/state";
import { csrf, enliven } from "../hypertext";
import { toast } from "../toast";
import { word } from "../words";

type Source = { sign: string; src: string; label: string };
type Asked = Source & { query: string; from: number; to: number };

const WAIT = 130;
// A query may hold spaces, but what begins with one is a sentence that goes on.
const PATTERNS: Record<string, RegExp> = {
  "/": /(?:^|\s)\/([^\s/][^\n/]{0,40})?$/u,
  "@": /(?:^|[\s(«"])@([\p{L}\d][^\n@]{0,30})?$/u,
  "#": /(?:^|[\s(«"])#([\p{L}\d][^\n#]{0,40})?$/u,
  ":": /(?:^|[\s(«"]):(\p{L}[\p{L}_]{1,20})$/u,
};
let counter = 0;

export class Completion {
  private readonly list = document.createElement("div");
  private readonly preview = document.createElement("div");
  private readonly box = document.createElement("div");
  private readonly said = document.createElement("span");
  private asked: Asked | null = null;
  private dismissed = -1;
  private at = 0;
  private timer = 0;
  private request?: AbortController;

  constructor(private readonly host: HTMLElement, private readonly editor: () => Editor | undefined) {
    this.box.className = "menu completion";
    this.box.popover = "manual";
    this.list.className = "completion-list";
    this.list.id = `completion-${++counter}`;
    this.list.setAttribute("role", "listbox");
    this.preview.className = "completion-aside prose";
    this.preview.setAttribute("aria-hidden", "true");
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    this.box.append(this.list, this.preview);
    this.host.append(this.said);
    this.host.append(this.box);
    this.box.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>(".menu-item");
      if (option) void this.choose(option);
    });
    this.list.addEventListener("mousemove", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>(".menu-item");
      if (option) this.mark(this.options().indexOf(option), false);
    });
  }

  destroy(): void {
    this.close();
    this.box.remove();
    this.said.remove();
  }

  get plugin(): Plugin {
    return new Plugin({
      view: () => ({ update: (view, before) => before.doc.eq(view.state.doc) && before.selection.eq(view.state.selection) ? undefined : this.look(view.state) }),
      props: {
        handleKeyDown: (_view, event) => this.press(event),
        handleDOMEvents: { blur: () => (this.close(), false) },
      },
    });
  }

  private sources(): Source[] {
    return [...this.host.querySelectorAll<HTMLTemplateElement>("template[data-complete]")].map((kept) => ({
      sign: kept.dataset.complete!,
      src: kept.dataset.src ?? "",
      label: kept.dataset.label ?? "",
    }));
  }

  /** What stands before the caret, when it begins with a sign that is completed here. */
  private find(state: EditorState): Asked | null {
    const { $from, empty } = state.selection;
    if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code) return null;
    const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 60), $from.parentOffset, "\n", "\ufffc");
    for (const source of this.sources()) {
      const found = PATTERNS[source.sign]?.exec(before);
      if (!found) continue;
      const query = found[1] ?? "";
      const from = $from.pos - query.length - 1;
      return { ...source, query, from, to: $from.pos };
    }
    return null;
  }

  private look(state: EditorState): void {
    const found = this.find(state);
    if (!found || !this.editor()?.isFocused) {
      if (!found) this.dismissed = -1;
      this.close();
      return;
    }
    if (found.from === this.dismissed) return;
    const same = this.asked?.query === found.query && this.asked.from === found.from;
    this.asked = found;
    if (same && this.isOpen) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(found), this.isOpen || found.query ? WAIT : 0);
  }

  private async ask(asked: Asked): Promise<void> {
    this.request?.abort();
    this.request = new AbortController();
    try {
      const html = asked.sign === ":" ? await this.emoji(asked.query) : await this.fetch(asked, this.request.signal);
      if (this.asked === asked) this.show(html, asked);
    } catch (error) {
      if ((error as Error).name !== "AbortError") this.close();
    }
  }

  private async fetch(asked: Asked, signal: AbortSignal): Promise<string> {
    const url = new URL(asked.src, location.href);
    url.searchParams.set("q", asked.query.trim());
    const response = await fetch(url, { headers: { "HX-Request": "true" }, signal });
    if (!response.ok) throw new Error(String(response.status));
    return response.text();
  }

  private async emoji(query: string): Promise<string> {
    const { findEmoji } = await import("./emoji");
    const holder = document.createElement("div");
    for (const { sign, label } of findEmoji(query)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "menu-item";
      button.dataset.text = sign;
      const shown = document.createElement("span");
      shown.className = "emoji";
      shown.textContent = sign;
      button.append(shown, label);
      holder.append(button);
    }
    return holder.innerHTML;
  }

  private show(html: string, asked: Asked): void {
    this.list.innerHTML = html;
    const options = this.options();
    if (!options.length && (asked.query.includes(" ") || asked.sign === ":" || asked.sign === "#")) return this.close();
    options.forEach((option, number) => {
      option.id = `${this.list.id}-${number}`;
      option.setAttribute("role", "option");
      option.tabIndex = -1;
    });
    if (!options.length) {
      const note = document.createElement("p");
      note.className = "combobox-note";
      note.textContent = word("nothing");
      this.list.replaceChildren(note);
    }
    this.list.setAttribute("aria-label", asked.label);
    this.said.textContent = options.length ? word("found", String(options.length)) : word("nothing");
    if (!this.isOpen) this.box.showPopover();
    this.mark(0);
    this.place();
  }

  private place(): void {
    const editor = this.editor();
    if (!editor || !this.asked) return;
    const caret = editor.view.coordsAtPos(this.asked.from);
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const left = Math.max(8, Math.min(caret.left, window.innerWidth - width - 8));
    const over = caret.top - 6 - height;
    // Above when there is room: below lies the button that sends.
    const top = over >= 8 ? over : Math.max(8, Math.min(caret.bottom + 6, window.innerHeight - height - 8));
    this.box.style.left = `${left}px`;
    this.box.style.top = `${top}px`;
  }

  private get isOpen(): boolean {
    return this.box.matches(":popover-open");
  }

  private options(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(".menu-item")];
  }

  private mark(at: number, scroll = true): void {
    this.at = at;
    const options = this.options();
    options.forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === at));
      if (number === at && scroll) option.scrollIntoView({ block: "nearest" });
    });
    const chosen = options[at];
    const text = this.editor()?.view.dom;
    if (chosen && text) {
      text.setAttribute("aria-controls", this.list.id);
      text.setAttribute("aria-activedescendant", chosen.id);
    }
    const shown = chosen?.querySelector(".completion-preview");
    this.preview.textContent = shown?.textContent ?? "";
    this.preview.hidden = !shown;
    this.box.classList.toggle("has-aside", options.some((option) => option.querySelector(".completion-preview")));
  }

  private press(event: KeyboardEvent): boolean {
    if (!this.isOpen || event.isComposing) return false;
    const options = this.options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length) return false;
      this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
      const option = options[this.at];
      if (!option) return false;
      void this.choose(option);
    } else if (event.key === "Escape") {
      this.dismissed = this.asked?.from ?? -1;
      this.close();
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private async choose(option: HTMLElement): Promise<void> {
    const editor = this.editor();
    const asked = this.asked;
    if (!editor || !asked) return;
    const range = { from: asked.from, to: asked.to };
    const { ref, label, text, insert } = option.dataset;
    this.close();
    if (insert) {
      editor.chain().focus().deleteRange(range).run();
      await this.insert(editor, insert);
      return;
    }
    const content = ref ? [{ type: "reference", attrs: { ref, label } }, { type: "text", text: " " }] : (text ?? "");
    editor.chain().focus().insertContentAt(range, content).run();
    this.host.dispatchEvent(new CustomEvent("ui:inserted", { bubbles: true, detail: { ref: ref ?? "" } }));
  }

  private async insert(editor: Editor, url: string): Promise<void> {
    try {
      const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf(), Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const { html, files } = (await response.json()) as { html: string; files?: string };
      if (editor.isDestroyed) return;
      editor.chain().focus().insertContent(html).run();
      const form = this.host.closest<HTMLElement>("[data-upload-target]");
      const target = files && form ? document.querySelector(form.dataset.uploadTarget!) : null;
      if (target && files) {
        const made = document.createElement("template");
        made.innerHTML = files;
        const chips = [...made.content.children];
        target.append(made.content);
        enliven(chips);
        form?.dispatchEvent(new CustomEvent("ui:uploaded", { bubbles: true }));
      }
    } catch {
      toast({ text: word("failed") });
    }
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.request?.abort();
    this.asked = null;
    if (this.isOpen) this.box.hidePopover();
    this.list.replaceChildren();
    this.editor()?.view?.dom.removeAttribute("aria-activedescendant");
  }
}
