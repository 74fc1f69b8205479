/**
 * <ok-combobox src="/people/options/" name="assignee" [multiple] [free] [submit]>
 *   <input class="input" …>            the text field (its name is taken over without a script)
 *   <input type="hidden" …>            values chosen already, data-label for their words
 * </ok-combobox>
 * Without a script what is chosen may stand in the text field itself: its words as `value`, its value
 * as `data-value`; a `list` of words helps to type there.
 * The server answers `src?q=…` with <button class="menu-item" data-value="7" data-label="…">…; what
 * is chosen becomes hidden inputs called `name`. `free` takes what was typed (tags, addresses).
 */
import { word } from "./words";

const WAIT = 160;
let counter = 0;

class Combobox extends HTMLElement {
  private field!: HTMLInputElement;
  private box!: HTMLElement;
  private list!: HTMLElement;
  private said!: HTMLElement;
  private timer = 0;
  private asked?: AbortController;
  private at = -1;
  private started = false;

  connectedCallback(): void {
    if (this.started) return;
    const field = this.querySelector<HTMLInputElement>('input:not([type="hidden"])');
    if (!field) return;
    this.started = true;
    this.field = field;
    this.classList.add("combobox");
    this.box = document.createElement("div");
    this.box.className = "control combobox-box";
    field.classList.remove("input");
    field.removeAttribute("name");
    field.removeAttribute("list");
    this.querySelector("datalist")?.remove();
    field.replaceWith(this.box);
    this.box.append(field);
    this.list = document.createElement("div");
    this.list.id = `combobox-${++counter}`;
    this.list.className = "menu combobox-list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? field.getAttribute("aria-label") ?? "");
    this.list.hidden = true;
    this.said = document.createElement("span");
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    this.append(this.list, this.said);
    for (const [name, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": this.list.id })) {
      field.setAttribute(name, value);
    }
    if (field.dataset.value) {
      this.append(this.inputOf(field.dataset.value, field.value));
      field.value = "";
    }
    this.querySelectorAll<HTMLInputElement>('input[type="hidden"]').forEach((chosen) => this.showChosen(chosen));
    field.addEventListener("input", () => this.ask());
    field.addEventListener("focus", () => this.hasAttribute("eager") && this.ask());
    field.addEventListener("click", () => this.list.hidden && this.ask());
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("blur", () => window.setTimeout(() => this.leave(), 120));
    field.addEventListener("paste", (event) => this.pasted(event));
    this.box.addEventListener("click", (event) => event.target === this.box && field.focus());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>(".menu-item");
      if (option) this.choose(option.dataset.value ?? "", option.dataset.label ?? option.textContent!.trim());
    });
  }

  /** What arrived stands for what was chosen: a morph asks this instead of taking the parts apart. */
  renew(fresh: Element): void {
    const values = [...fresh.querySelectorAll<HTMLInputElement>('input[type="hidden"]')].map((input) => input.value);
    if (values.join("\n") === this.values().join("\n")) return;
    window.clearTimeout(this.timer);
    this.replaceChildren(...fresh.cloneNode(true).childNodes);
    this.started = false;
    this.connectedCallback();
  }

  private get multiple(): boolean {
    return this.hasAttribute("multiple");
  }

  private ask(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetchOptions(), WAIT);
  }

  private async fetchOptions(): Promise<void> {
    this.asked?.abort();
    this.asked = new AbortController();
    const url = new URL(this.getAttribute("src") ?? "", location.href);
    url.searchParams.set("q", this.field.value.trim());
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: this.asked.signal });
      if (!response.ok) throw new Error(String(response.status));
      this.show(await response.text());
    } catch (error) {
      if ((error as Error).name !== "AbortError") this.close();
    }
  }

  private show(html: string): void {
    if (document.activeElement !== this.field) return;
    this.list.innerHTML = html;
    const taken = new Set(this.values());
    const options = this.options();
    options.forEach((option, number) => {
      option.id = `${this.list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.tabIndex = -1;
      if (taken.has(option.dataset.value ?? "")) option.setAttribute("aria-checked", "true");
    });
    if (!options.length) {
      const note = document.createElement("p");
      note.className = "combobox-note";
      note.setAttribute("role", "option");
      note.setAttribute("aria-disabled", "true");
      note.textContent = word("nothing");
      this.list.replaceChildren(note);
    }
    this.said.textContent = options.length ? word("found", String(options.length)) : word("nothing");
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.mark(options.length && !this.hasAttribute("free") ? 0 : -1);
  }

  private options(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(".menu-item")];
  }

  private mark(at: number): void {
    this.at = at;
    this.options().forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === at));
      if (number === at) option.scrollIntoView({ block: "nearest" });
    });
    const chosen = this.options()[at];
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  private press(event: KeyboardEvent): void {
    const options = this.options();
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.ask();
      else if (options.length) this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      const option = open ? options[this.at] : undefined;
      if (option) this.choose(option.dataset.value ?? "", option.dataset.label ?? option.textContent!.trim());
      else if (!this.takeTyped() && !open) return;
      event.preventDefault();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (["," , ";"].includes(event.key) && this.takeTyped()) {
      event.preventDefault();
    } else if (event.key === "Backspace" && !this.field.value && this.multiple) {
      this.inputs().at(-1)?.dispatchEvent(new Event("ui:remove"));
    }
  }

  private pasted(event: ClipboardEvent): void {
    const parts = (event.clipboardData?.getData("text") ?? "").split(/[,;\n]/).map((part) => part.trim()).filter(Boolean);
    if (!this.hasAttribute("free") || parts.length < 2) return;
    event.preventDefault();
    parts.slice(0, 50).forEach((part) => this.choose(part, part));
  }

  private takeTyped(): boolean {
    const text = this.field.value.trim();
    if (!this.hasAttribute("free") || !text) return false;
    this.choose(text, text);
    return true;
  }

  private leave(): void {
    if (this.field === document.activeElement) return;
    this.takeTyped();
    this.close();
    if (!this.multiple && !this.inputs().length) this.field.value = "";
  }

  private inputs(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>('input[type="hidden"]')];
  }

  private values(): string[] {
    return this.inputs().map((input) => input.value);
  }

  /** Takes a chosen value back; true when it was there. */
  drop(value: string): boolean {
    const found = this.inputs().find((input) => input.value === value);
    found?.dispatchEvent(new Event("ui:remove"));
    return Boolean(found);
  }

  choose(value: string, label: string): void {
    this.close();
    this.field.value = "";
    if (this.multiple && this.values().includes(value)) return;
    if (!this.multiple) this.inputs().forEach((input) => input.dispatchEvent(new Event("ui:remove")));
    const input = this.inputOf(value, label);
    this.append(input);
    this.showChosen(input);
    this.changed();
  }

  private inputOf(value: string, label: string): HTMLInputElement {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = this.getAttribute("name") ?? "";
    input.value = value;
    input.dataset.label = label;
    return input;
  }

  private showChosen(input: HTMLInputElement): void {
    const label = input.dataset.label ?? input.value;
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.textContent = label;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "badge-remove";
    remove.setAttribute("aria-label", word("remove", label));
    remove.textContent = "×";
    const drop = () => {
      badge.remove();
      input.remove();
    };
    remove.addEventListener("click", () => {
      drop();
      this.field.focus();
      this.changed();
    });
    input.addEventListener("ui:remove", () => {
      drop();
      this.changed();
    });
    badge.append(remove);
    this.box.insertBefore(badge, this.field);
  }

  private changed(): void {
    this.dispatchEvent(new Event("change", { bubbles: true }));
    if (this.hasAttribute("submit")) this.closest("form")?.requestSubmit();
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.asked?.abort();
    this.list.hidden = true;
    this.list.replaceChildren();
    this.field.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}

customElements.define("ok-combobox", Combobox);
