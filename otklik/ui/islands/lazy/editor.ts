/**
 * <ok-editor upload="/uploads/"> around a <textarea name="body_html">: rich text while the page has
 * scripts, the plain textarea without. `[data-command="bold|italic|bulletList|orderedList|blockquote|
 * codeBlock|code|link|undo|redo"]` buttons in the same form drive it.
 * The textarea always holds the HTML and fires `input`, so autosave and submit need to know nothing.
 * A hidden `<name>_format=html` says that it is HTML; without it the field holds plain text.
 * `element.insert(html)`, `element.focus()`, `element.text` serve other islands.
 */
import { Editor } from "@tiptap/core";
import Image from "@tiptap/extension-image";
import Placeholder from "@tiptap/extension-placeholder";
import StarterKit from "@tiptap/starter-kit";
import { csrf } from "../hypertext";
import { toast } from "../toast";
import { word } from "../words";
import { cleanPasted } from "../pasted";

type Uploaded = { url: string; name?: string };

/** A draft is HTML; what was typed into the plain field before this was loaded is text. */
function asHtml(value: string): string {
  if (/<(p|ul|ol|blockquote|pre|a|strong|em|br|img)[\s>/]/i.test(value)) return value;
  const holder = document.createElement("div");
  for (const line of value ? value.split("\n") : []) {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    holder.append(paragraph);
  }
  return holder.innerHTML;
}

export class RichText extends HTMLElement {
  private editor?: Editor;
  private area!: HTMLTextAreaElement;

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
    if (!this.querySelector("input[data-format]")) {
      const format = document.createElement("input");
      format.type = "hidden";
      format.dataset.format = "";
      format.name = `${area.name}_format`;
      format.value = "html";
      this.append(format);
    }
    this.editor = new Editor({
      element: holder,
      content: asHtml(area.value),
      injectCSS: false,
      extensions: [
        StarterKit.configure({ heading: false, horizontalRule: false, dropcursor: false, gapcursor: false, link: { openOnClick: false, autolink: true, defaultProtocol: "https", protocols: ["http", "https", "mailto", "tel"], HTMLAttributes: { rel: "noopener noreferrer", target: null } } }),
        Image.configure({ inline: true, allowBase64: false }),
        Placeholder.configure({ placeholder: area.placeholder }),
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
        handlePaste: (_view, event) => this.takeImages(event, event.clipboardData?.files),
        handleDrop: (_view, event) => this.takeImages(event, event.dataTransfer?.files),
        handleKeyDown: (_view, event) => event.key === "Enter" && (event.ctrlKey || event.metaKey),
      },
      onUpdate: () => this.write(),
      onTransaction: () => this.showState(),
    });
    this.form?.addEventListener("click", this.command);
    this.form?.addEventListener("mousedown", this.stay);
    this.form?.addEventListener("reset", () => this.editor?.commands.setContent("", { emitUpdate: true }));
    if (hadFocus || this.hasAttribute("autofocus")) this.editor.commands.focus("end");
    this.dispatchEvent(new CustomEvent("ui:editor", { bubbles: true }));
  }

  disconnectedCallback(): void {
    this.form?.removeEventListener("click", this.command);
    this.form?.removeEventListener("mousedown", this.stay);
    this.editor?.destroy();
    delete this.editor;
  }

  get form(): HTMLFormElement | null {
    return this.closest("form");
  }

  get text(): string {
    return this.editor?.getText() ?? this.area.value;
  }

  get empty(): boolean {
    return this.editor?.isEmpty ?? !this.area.value.trim();
  }

  override focus(): void {
    this.editor?.commands.focus();
  }

  /** Puts HTML where the caret is; what the schema does not know falls away. */
  insert(html: string): void {
    this.editor?.chain().focus().insertContent(html).run();
  }

  set(html: string): void {
    this.editor?.commands.setContent(html, { emitUpdate: true });
  }

  private write(): void {
    this.area.value = this.empty && !this.editor?.getHTML().includes("<img") ? "" : (this.editor?.getHTML() ?? "");
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

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
      case "bulletList": chain.toggleBulletList().run(); break;
      case "orderedList": chain.toggleOrderedList().run(); break;
      case "blockquote": chain.toggleBlockquote().run(); break;
      case "code": chain.toggleCode().run(); break;
      case "codeBlock": chain.toggleCodeBlock().run(); break;
      case "undo": chain.undo().run(); break;
      case "redo": chain.redo().run(); break;
      case "link": this.link(); break;
    }
  };

  private link(): void {
    const editor = this.editor!;
    if (editor.isActive("link")) {
      editor.chain().focus().extendMarkRange("link").unsetLink().run();
      return;
    }
    const asked = window.prompt(word("link"), "https://");
    if (!asked || !/^(https?:\/\/|mailto:|tel:)\S/.test(asked)) return;
    const link = { type: "text", text: asked, marks: [{ type: "link", attrs: { href: asked } }] };
    if (editor.state.selection.empty) editor.chain().focus().insertContent(link).run();
    else editor.chain().focus().setLink({ href: asked }).run();
  }

  private showState(): void {
    this.form?.querySelectorAll<HTMLElement>("[data-command]").forEach((button) => {
      const name = button.dataset.command!;
      if (!["undo", "redo"].includes(name)) button.setAttribute("aria-pressed", String(this.editor?.isActive(name) ?? false));
    });
  }

  private takeImages(event: Event, files: FileList | null | undefined): boolean {
    const images = [...(files ?? [])].filter((file) => /^image\/(png|jpeg|gif|webp)$/.test(file.type));
    const url = this.getAttribute("upload");
    if (!url || !images.length || images.length !== files!.length) return false;
    event.preventDefault();
    images.forEach((image) => void this.upload(url, image));
    return true;
  }

  /** The server answers an inline upload with JSON: {"url": "/files/…", "name": "…"}. */
  private async upload(url: string, image: File): Promise<void> {
    const body = new FormData();
    body.append("file", image, image.name);
    body.append("inline", "1");
    try {
      const response = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrf(), Accept: "application/json" } });
      if (!response.ok) throw new Error(response.status === 413 ? "tooLarge" : "failed");
      const { url: src, name } = (await response.json()) as Uploaded;
      this.editor?.chain().focus().setImage({ src, alt: name ?? image.name }).run();
    } catch (error) {
      toast({ text: word((error as Error).message) || word("failed") });
    }
  }
}

customElements.define("ok-editor", RichText);
