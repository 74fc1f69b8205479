/**
 * <ok-editor upload="/uploads/"> around a <textarea name="body_html">: rich text while the page has
 * scripts, the plain textarea without. `[data-command="bold|italic|underline|strike|bulletList|
 * orderedList|blockquote|codeBlock|code|horizontalRule|link|undo|redo"]` and those of
 * `editor/tables` are buttons; what is `data-in-table` shows while the caret is in one. Buttons in the same
 * `[data-editor-scope]` (else form) drive it; `data-command="insert" data-text="…"` puts text in,
 * `data-command="complete" data-sign="/"` begins a completion (`editor/completion.ts`).
 * The textarea holds the HTML and fires `input`, so that drafts and submit need to know nothing; a
 * long text is written there when one pauses, and in any case before it is read by a form.
 * `element.set(html)`, `element.flush()` and `element.point(quotes)` serve islands.
 */
import { Editor, Extension } from "@tiptap/core";
import Image from "@tiptap/extension-image";
import Placeholder from "@tiptap/extension-placeholder";
import StarterKit from "@tiptap/starter-kit";
import { Completion } from "../editor/completion";
import { askForLink } from "../editor/linking";
import { Gap, Reference } from "../editor/marks";
import { insertPicture, pictures, picturesOf } from "../editor/pictures";
import { pointing, pointTo } from "../editor/pointing";
import { TABLES, changeTable, inTable } from "../editor/tables";
import { cleanPasted } from "../pasted";

// From so many characters on, turning the text into HTML at each letter would be felt.
const LONG = 12_000;
const PAUSE = 400;
const TOGGLES = ["bold", "italic", "underline", "strike", "bulletList", "orderedList", "blockquote", "code", "codeBlock", "link"];

/** A draft is HTML; what was typed into the plain field before this was loaded is text. */
function asHtml(value: string): string {
  if (/<(p|ul|ol|blockquote|pre|a|strong|em|br|img|span|mark|hr|table)[\s>/]/i.test(value)) return value;
  const holder = document.createElement("div");
  for (const line of value ? value.split("\n") : []) {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    holder.append(paragraph);
  }
  return holder.innerHTML;
}

class RichText extends HTMLElement {
  private editor?: Editor;
  private completion?: Completion;
  private area!: HTMLTextAreaElement;
  private timer = 0;

  connectedCallback(): void {
    if (this.editor) return;
    const area = this.querySelector("textarea");
    if (!area) return;
    this.area = area;
    const hadFocus = document.activeElement === area;
    const holder = document.createElement("div");
    this.classList.add("editor");
    area.after(holder);
    area.hidden = true;
    const completion = new Completion(this, () => this.editor);
    this.completion = completion;
    this.editor = new Editor({
      element: holder,
      content: asHtml(area.value),
      injectCSS: false,
      extensions: [
        Extension.create({ name: "helpers", priority: 1000, addProseMirrorPlugins: () => [completion.plugin, pictures(), pointing()] }),
        StarterKit.configure({ heading: false, dropcursor: false, gapcursor: false, link: { openOnClick: false, autolink: true, defaultProtocol: "https", protocols: ["http", "https", "mailto", "tel"], HTMLAttributes: { rel: "noopener noreferrer", target: null } } }),
        Image.configure({ inline: true, allowBase64: false }),
        Placeholder.configure({ placeholder: area.placeholder }),
        Reference,
        Gap,
        ...TABLES,
      ],
      editorProps: {
        attributes: {
          class: "editor-text",
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": area.labels?.[0]?.textContent?.trim() || area.getAttribute("aria-label") || area.placeholder,
          ...(area.getAttribute("aria-describedby") ? { "aria-describedby": area.getAttribute("aria-describedby")! } : {}),
        },
        transformPastedHTML: cleanPasted,
        handlePaste: (view, event) => this.takePictures(event, event.clipboardData, view.state.selection.from),
        handleDrop: (view, event) => this.takePictures(event, event.dataTransfer, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? view.state.selection.from),
        handleKeyDown: (_view, event) => event.key === "Enter" && (event.ctrlKey || event.metaKey),
      },
      onUpdate: () => this.later(),
      onBlur: () => this.flush(),
      onTransaction: () => this.showState(),
    });
    this.scope?.addEventListener("click", this.command);
    this.scope?.addEventListener("mousedown", this.stay);
    this.form?.addEventListener("formdata", this.tell);
    this.form?.addEventListener("reset", () => this.editor?.commands.setContent("", { emitUpdate: true }));
    if (hadFocus || this.hasAttribute("autofocus")) {
      // The command waits for a frame: what is typed until then would go nowhere.
      this.editor.view.focus();
      this.editor.commands.focus("end");
    }
    this.dispatchEvent(new CustomEvent("ui:editor", { bubbles: true }));
  }

  disconnectedCallback(): void {
    this.scope?.removeEventListener("click", this.command);
    this.scope?.removeEventListener("mousedown", this.stay);
    this.form?.removeEventListener("formdata", this.tell);
    window.clearTimeout(this.timer);
    this.completion?.destroy();
    this.editor?.destroy();
    delete this.editor;
  }

  get form(): HTMLFormElement | null {
    return this.closest("form");
  }

  private get scope(): HTMLElement | null {
    return this.closest<HTMLElement>("[data-editor-scope]") ?? this.form;
  }

  override focus(): void {
    this.editor?.commands.focus();
  }

  set(html: string): void {
    this.editor?.commands.setContent(html, { emitUpdate: true });
    this.flush();
  }

  /** Underlines these words wherever they stand, until they are written over; none clears. */
  point(quotes: string[]): void {
    if (this.editor) pointTo(this.editor, quotes);
  }

  private later(): void {
    window.clearTimeout(this.timer);
    if ((this.editor?.state.doc.content.size ?? 0) < LONG) this.write();
    else this.timer = window.setTimeout(() => this.write(), PAUSE);
  }

  /** What still waits to be written is written now. */
  flush(): void {
    if (!this.timer) return;
    this.write();
  }

  private write(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.area.value = this.html;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private get html(): string {
    const html = this.editor?.getHTML() ?? "";
    return (this.editor?.isEmpty ?? true) && !/<(img|hr|span|table)/.test(html) ? "" : html;
  }

  private readonly tell = (event: FormDataEvent): void => {
    if (!this.timer || !this.editor) return;
    this.area.value = this.html;
    event.formData.set(this.area.name, this.area.value);
  };

  /** A press on a tool leaves the caret where it is, so that no typed letter gets lost on the way. */
  private readonly stay = (event: Event): void => {
    if ((event.target as HTMLElement).closest("[data-command]")) event.preventDefault();
  };

  private readonly command = (event: Event): void => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-command]");
    if (!button || !this.editor) return;
    event.preventDefault();
    const chain = this.editor.chain().focus();
    switch (button.dataset.command) {
      case "bold": chain.toggleBold().run(); break;
      case "italic": chain.toggleItalic().run(); break;
      case "underline": chain.toggleUnderline().run(); break;
      case "strike": chain.toggleStrike().run(); break;
      case "bulletList": chain.toggleBulletList().run(); break;
      case "orderedList": chain.toggleOrderedList().run(); break;
      case "blockquote": chain.toggleBlockquote().run(); break;
      case "code": chain.toggleCode().run(); break;
      case "codeBlock": chain.toggleCodeBlock().run(); break;
      case "horizontalRule": chain.setHorizontalRule().run(); break;
      case "undo": chain.undo().run(); break;
      case "redo": chain.redo().run(); break;
      case "link": this.link(); break;
      case "insert": chain.insertContent({ type: "text", text: button.dataset.text ?? "" }).run(); break;
      case "insertTable":
      case "rowAfter":
      case "columnAfter":
      case "deleteRow":
      case "deleteColumn":
      case "deleteTable": changeTable(this.editor, button.dataset.command); break;
      case "complete": this.begin(button.dataset.sign ?? "/"); break;
    }
  };

  /** As if the sign had been typed: after a letter with a space before it. */
  private begin(sign: string): void {
    const { $from } = this.editor!.state.selection;
    const before = $from.parent.textBetween(0, $from.parentOffset, "\n", "\ufffc");
    this.editor!.chain().focus().insertContent({ type: "text", text: `${/\S$/.test(before) ? " " : ""}${sign}` }).run();
  }

  private link(): void {
    const editor = this.editor!;
    if (editor.isActive("link")) {
      editor.chain().focus().extendMarkRange("link").unsetLink().run();
      return;
    }
    askForLink(editor);
  }

  private showState(): void {
    const isInTable = this.editor !== undefined && inTable(this.editor);
    this.scope?.querySelectorAll<HTMLElement>("[data-in-table]").forEach((tool) => (tool.hidden = (tool.dataset.inTable === "yes") !== isInTable));
    this.scope?.querySelectorAll<HTMLElement>("[data-command]").forEach((button) => {
      const name = button.dataset.command!;
      const state = button.getAttribute("role") === "menuitemcheckbox" ? "aria-checked" : "aria-pressed";
      if (TOGGLES.includes(name)) button.setAttribute(state, String(this.editor?.isActive(name) ?? false));
    });
  }

  private takePictures(event: Event, data: DataTransfer | null, at: number): boolean {
    const found = picturesOf(data);
    const url = this.getAttribute("upload");
    if (!url || !found.length || !this.editor) return false;
    event.preventDefault();
    for (const picture of found) insertPicture(this.editor, url, picture, at);
    return true;
  }
}

customElements.define("ok-editor", RichText);
