/**
 * The composer: folds and opens, keeps a draft while one types, colours itself in note mode, takes
 * files off. Two windows with the same draft are shown each other's text; neither is overwritten.
 */
import { csrf, htmx } from "../../ui/islands/hypertext";
import { hearOutside } from "../../ui/islands/outside";
import "./caret";

type Editor = HTMLElement & { set?: (html: string) => void; focus: () => void };
type Side = { html: string; version: string; files: Node[] };
type Saved = { version?: number; words?: string; html?: string };

const WAIT = 1200;
/** Who types without a pause is saved all the same. */
const LONGEST = 8000;
/** Bytes that a browser still sends for a page that has gone, with room for the other fields. */
const MOST_LEAVING = 48_000;

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const remove = target.closest<HTMLElement>("[data-remove-upload]");
  if (remove) {
    const url = remove.dataset.removeUpload;
    const form = remove.closest("form");
    remove.closest(".upload-chip")?.remove();
    if (url) void fetch(url, { method: "DELETE", headers: { "X-CSRFToken": csrf() } });
    form?.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const close = target.closest("[data-notice-close]");
  if (close) {
    document.getElementById("composer-notice")?.replaceChildren();
    document.querySelector<Editor>("#composer ok-editor")?.focus();
  }
});

type Recipients = HTMLElement & { choose?: (value: string, label: string) => void; drop?: (value: string) => boolean };
const recipients = (...names: string[]) =>
  names.map((name) => document.querySelector<Recipients>(`#composer ok-combobox[name="${name}"]`));

// Whoever is let in or sent away beside the composer joins or leaves what stands in it.
document.body.addEventListener("recipient:joined", (event) => {
  const { address, label } = (event as CustomEvent<{ address: string; label: string }>).detail;
  const [to, cc, bcc] = recipients("to", "cc", "bcc");
  const there = [to, cc, bcc].some((box) => box?.querySelector(`input[type="hidden"][value="${CSS.escape(address)}"]`));
  if (there) return;
  cc?.choose?.(address, label);
  cc?.closest("details")?.setAttribute("open", "");
});
document.body.addEventListener("recipient:left", (event) => {
  const { address } = (event as CustomEvent<{ address: string }>).detail;
  recipients("to", "cc", "bcc").forEach((box) => box?.drop?.(address));
});

class Drafts {
  private timer = 0;
  private since = 0;
  private dirty = false;
  private stopped = false;
  private saving = false;
  /** Told the version when the person has gone to the other kind meanwhile. */
  settled: (version: string) => void = () => undefined;

  constructor(private readonly root: HTMLElement, private readonly form: HTMLFormElement) {
    for (const name of ["input", "change", "ui:uploaded"]) form.addEventListener(name, () => this.later());
    hearOutside(form, document, "visibilitychange", () => document.visibilityState === "hidden" && void this.save(true));
    form.addEventListener("composer:leave", () => void this.save(true));
    form.addEventListener("submit", () => {
      this.dirty = false;
      // What is on its way has a version that nobody knows here yet.
      if (this.saving) form.querySelector<HTMLInputElement>('[name="version"]')!.value = "";
    });
    // Held back, refused or cut off on its way: it is a draft still.
    form.addEventListener("htmx:afterRequest", (event) => {
      const { xhr, elt } = (event as CustomEvent<{ xhr: XMLHttpRequest; elt: Element }>).detail;
      if (elt === form && (xhr.status === 0 || xhr.status >= 400)) this.later();
    });
  }

  later(): void {
    if (this.stopped) return;
    if (!this.dirty) this.since = performance.now();
    this.dirty = true;
    window.clearTimeout(this.timer);
    const wait = Math.min(WAIT, Math.max(0, this.since + LONGEST - performance.now()));
    this.timer = window.setTimeout(() => void this.save(), wait);
  }

  say(words: string): void {
    const state = this.form.querySelector("[data-draft-state]");
    if (state) state.textContent = words;
  }

  async save(leaving = false): Promise<void> {
    if (!this.dirty || this.form.dataset.sending !== undefined || !this.form.isConnected) return;
    // On a slow line the version of what is on its way comes back later: this one follows it.
    if (this.saving && !leaving) return;
    this.dirty = false;
    const body = new FormData(this.form);
    if (this.saving) body.delete("version");
    this.saving = true;
    const kind = this.root.dataset.mode ?? "public";
    body.set("kind", kind);
    body.delete("file");
    const keepalive = leaving && new Blob([String(body.get("html") ?? "")]).size < MOST_LEAVING;
    try {
      const response = await fetch(this.form.dataset.draft!, { method: "POST", body, keepalive, headers: { "X-CSRFToken": csrf(), Accept: "application/json" } });
      if (response.status !== 409 && !response.ok) throw new Error(String(response.status));
      const saved = (await response.json()) as Saved;
      if (response.status === 409) this.showOther(saved);
      else if (kind === this.root.dataset.mode) {
        this.version = saved.version ?? 0;
        this.say(saved.words ?? "");
      } else this.settled(String(saved.version ?? 0));
    } catch {
      this.say(this.word("unsaved"));
      this.timer = window.setTimeout(() => { this.dirty = true; void this.save(); }, 10_000);
    } finally {
      this.saving = false;
      if (this.dirty) this.later();
    }
  }

  set version(version: number) {
    this.form.querySelector<HTMLInputElement>('[name="version"]')!.value = String(version);
  }

  private word(name: string): string {
    return document.getElementById("composer-words")?.dataset[name] ?? "";
  }

  /** Another window of the same person saved meanwhile: both texts stand, one chooses. */
  private showOther(other: Saved): void {
    const notice = document.getElementById("composer-notice");
    if (!notice) return;
    this.stopped = true;
    const box = document.createElement("div");
    box.className = "banner banner-warn";
    box.setAttribute("role", "alert");
    const words = document.createElement("div");
    words.className = "banner-text";
    const head = document.createElement("p");
    head.textContent = this.word("conflict");
    const text = document.createElement("p");
    text.className = "crossing";
    text.textContent = new DOMParser().parseFromString(other.html ?? "", "text/html").body.innerText;
    words.append(head, text);
    const choose = (label: string, act: () => void) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-small";
      button.textContent = label;
      button.addEventListener("click", () => {
        this.version = other.version ?? 0;
        this.stopped = false;
        act();
        notice.replaceChildren();
        this.later();
      });
      return button;
    };
    const editor = this.root.querySelector<Editor>("ok-editor");
    box.append(words, choose(this.word("take"), () => editor?.set?.(other.html ?? "")), choose(this.word("keep"), () => undefined));
    notice.replaceChildren(box);
  }
}

function otherDraft(root: HTMLElement): Side {
  const kept = root.querySelector<HTMLTemplateElement>("template[data-other-draft]");
  const content = kept?.content.cloneNode(true) as DocumentFragment | undefined;
  return {
    html: content?.querySelector("textarea")?.value ?? "",
    version: kept?.dataset.version ?? "0",
    files: [...(content?.querySelector("div")?.childNodes ?? [])].filter((node) => node instanceof Element),
  };
}

export default function composer(root: HTMLElement): void {
  const form = root.querySelector<HTMLFormElement>("#composer-form");
  if (!form) return;
  const drafts = new Drafts(root, form);
  const editor = root.querySelector<Editor>("ok-editor");
  const mode = (kind: string) => {
    root.dataset.mode = kind;
    const radio = form.querySelector<HTMLInputElement>(`[name="kind"][value="${kind}"]`);
    if (radio) radio.checked = true;
    form.querySelectorAll<HTMLElement>("[data-send]").forEach((button) => button.removeAttribute("data-send"));
    const send = kind === "note" ? ".composer-send-note" : ".composer-send-reply";
    form.querySelector(send)?.setAttribute("data-send", "");
  };
  // A draft that waits is shown, but only who asks for it gets the caret there.
  let wanted = new URL(location.href).searchParams.has("write");
  const open = (kind: string) => {
    // Whatever the talk showed before the first word is no crossing one.
    if (root.dataset.open === undefined && !area.value.trim()) seen.value = document.getElementById("timeline")?.dataset.last || seen.value;
    root.dataset.open = "";
    wanted = true;
    change(kind);
    // At once: a letter typed before the next frame would be a key of the page, and "e" solves.
    editor?.querySelector<HTMLElement>(".editor-text, textarea:not([hidden])")?.focus();
  };
  const area = form.querySelector<HTMLTextAreaElement>('textarea[name="html"]')!;
  const version = form.querySelector<HTMLInputElement>('[name="version"]')!;
  const seen = form.querySelector<HTMLInputElement>('[name="seen_message_id"]')!;
  const files = form.querySelector<HTMLElement>("#composer-files")!;
  let other = otherDraft(root);
  drafts.settled = (version) => (other.version = version);
  const put = (html: string) => {
    area.value = html;
    editor?.set?.(html);
  };
  /** Each kind has its own text: what was meant for colleagues never turns into a reply. The other
      way it may: a reply begun in the wrong mode becomes the note. */
  const change = (kind: string) => {
    const was = root.dataset.mode ?? "public";
    if (kind === was) return;
    const carries = was === "public" && !other.html && !other.files.length;
    const left: Side = { html: area.value, version: version.value, files: [...files.childNodes] };
    if (carries) {
      if (Number(left.version)) void fetch(`${form.dataset.draft}?kind=${was}`, { method: "DELETE", headers: { "X-CSRFToken": csrf() } });
      version.value = other.version;
      other = { html: "", version: "0", files: [] };
    } else {
      void drafts.save();
      version.value = other.version;
      files.replaceChildren(...other.files);
      put(other.html);
      other = left;
    }
    mode(kind);
    if (area.value) drafts.later();
  };
  // A draft that came back from a mentor or a colleague, or was typed in another window, is shown
  // where nothing is typed; who types meanwhile is shown both when it is saved.
  hearOutside(form, document, "ui:live", () => {
    const told = document.getElementById("timeline")?.dataset.drafts ?? "";
    const kept = new RegExp(`\\b${root.dataset.mode}:(\\d+)`).exec(told)?.[1];
    const isFree = !area.value.trim() && !files.childElementCount && !root.contains(document.activeElement) && form.dataset.sending === undefined;
    if (!kept || !isFree || Number(kept) <= Number(version.value)) return;
    version.value = kept; // asked for once
    void htmx.ajax("get", form.dataset.draft!.replace(/draft\/$/, ""), { source: root, target: root, swap: "outerHTML" });
  });
  const rich = () => (form.querySelector<HTMLInputElement>('[name="rich"]')!.value = "1");
  root.querySelectorAll<HTMLElement>("[data-write]").forEach((opener) =>
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      open(opener.dataset.write!);
    }),
  );
  // On a phone a photo comes first and the words after it.
  const chosen = form.querySelector<HTMLInputElement>("#composer-file");
  root.querySelector("[data-attach]")?.addEventListener("click", () => chosen?.click());
  chosen?.addEventListener("change", () => {
    if (chosen.files?.length && root.dataset.open === undefined) open(root.dataset.mode ?? "public");
  });
  root.querySelector("[data-fold-composer]")?.addEventListener("click", () => {
    void drafts.save();
    delete root.dataset.open;
    root.querySelector<HTMLElement>("[data-write]")?.focus();
  });
  form.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.name === "kind") change(field.value);
  });
  // By its letter a kind is chosen to be written at once; arrows between the two stay there.
  form.addEventListener("click", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.name === "kind" && document.activeElement !== field) open(field.value);
  });
  const atHand = () => {
    rich();
    if (wanted && (document.activeElement === document.body || root.contains(document.activeElement))) editor?.focus();
  };
  editor?.addEventListener("ui:editor", atHand);
  if (editor?.querySelector(".editor-text")) atHand(); // its file came before this one
  form.addEventListener("keydown", (event) => {
    // The editor uses Escape up, so what it prevented still folds; a list of choices stops it itself.
    if (event.key !== "Escape" || document.querySelector(":popover-open:not(.tip)")) return;
    event.preventDefault();
    root.querySelector<HTMLElement>("[data-fold-composer]")?.click();
  });
  mode(root.dataset.mode ?? "public");
  // On a phone a draft that waits must not hide the talk; its opener says that it is there.
  const asked = new URL(location.href).searchParams.has("write");
  if (!asked && window.matchMedia("(width < 768px)").matches) delete root.dataset.open;
}
