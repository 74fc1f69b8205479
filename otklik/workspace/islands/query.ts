/**
 * <ok-query src="/tickets/filters/completions/"> around a text field that takes the query language:
 * the server offers what could stand at the caret (`q`, `at`); what is chosen replaces that part.
 * Without an option marked, Enter submits the form as ever.
 */
import { word } from "../../ui/islands/words";

const WAIT = 120;

export default function query(element: HTMLElement): void {
  const field = element.querySelector<HTMLInputElement>("input");
  if (!field) return;
  const list = document.createElement("div");
  list.id = "query-completions";
  list.className = "menu combobox-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "");
  list.hidden = true;
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  element.append(list, said);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) {
    field.setAttribute(name, value);
  }
  let timer = 0;
  let asked: AbortController | undefined;
  let at = -1;

  const options = () => [...list.querySelectorAll<HTMLElement>(".menu-item")];
  const close = () => {
    window.clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const mark = (to: number) => {
    at = to;
    options().forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === at));
      if (number === at) option.scrollIntoView({ block: "nearest" });
    });
    const chosen = options()[at];
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const show = (html: string) => {
    if (document.activeElement !== field) return;
    list.innerHTML = html;
    options().forEach((option, number) => {
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.tabIndex = -1;
    });
    const count = options().length;
    said.textContent = count ? word("found", String(count)) : "";
    list.hidden = !count;
    field.setAttribute("aria-expanded", String(count > 0));
    mark(-1);
  };
  const fetchOptions = async () => {
    asked?.abort();
    asked = new AbortController();
    const url = new URL(element.getAttribute("src") ?? "", location.href);
    url.searchParams.set("q", field.value);
    url.searchParams.set("at", String(field.selectionStart ?? field.value.length));
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: asked.signal });
      if (!response.ok) throw new Error(String(response.status));
      show(await response.text());
    } catch (error) {
      if ((error as Error).name !== "AbortError") close();
    }
  };
  const ask = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void fetchOptions(), WAIT);
  };
  const choose = (option: HTMLElement) => {
    const text = option.dataset.text ?? "";
    const rest = field.value.slice(Number(option.dataset.end));
    // A name wants its value next; a value is followed by what comes after it.
    const isName = /[:=<>]$/.test(text);
    const space = isName || /^[\s,)]/.test(rest) ? "" : " ";
    const head = field.value.slice(0, Number(option.dataset.start)) + text + space;
    field.value = head + rest;
    field.setSelectionRange(head.length, head.length);
    close();
    ask();
  };

  field.addEventListener("input", ask);
  field.addEventListener("click", ask);
  field.addEventListener("blur", () => window.setTimeout(close, 120));
  field.addEventListener("keydown", (event) => {
    const all = options();
    const open = !list.hidden;
    const chosen = all[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) ask();
      else mark((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + all.length) % all.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && open && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Enter") {
      close();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = (event.target as HTMLElement).closest<HTMLElement>(".menu-item");
    if (option) choose(option);
  });
}
