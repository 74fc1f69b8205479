/** Forms: the pressed button works, Ctrl Enter sends, passwords can be read, chosen fields send at once. */
import { onContent } from "./content";

function work(button: HTMLButtonElement): void {
  if (button.dataset.working !== undefined) return;
  const width = button.getBoundingClientRect().width;
  const before = button.innerHTML;
  button.style.minWidth = `${width}px`;
  button.dataset.working = "";
  button.setAttribute("aria-busy", "true");
  const ring = document.createElement("span");
  ring.className = "spinner";
  if (button.dataset.workingLabel) button.textContent = button.dataset.workingLabel;
  else button.querySelector(".icon")?.remove();
  button.prepend(ring);
  const rest = () => {
    delete button.dataset.working;
    button.removeAttribute("aria-busy");
    button.style.minWidth = "";
    button.innerHTML = before;
  };
  button.addEventListener("ui:rest", rest, { once: true });
}

function rest(form: ParentNode): void {
  form.querySelectorAll("[data-working]").forEach((button) => button.dispatchEvent(new Event("ui:rest")));
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const button = (event as SubmitEvent).submitter;
  if (form.dataset.sending !== undefined && !form.hasAttribute("hx-post")) {
    event.preventDefault(); // A second press sends nothing twice.
    return;
  }
  if (button?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    return;
  }
  if (form.method === "get" || form.target) return;
  // After this turn, so that the button's own name and value still travel with the form.
  window.setTimeout(() => {
    if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], .htmx-request")) return;
    form.dataset.sending = "";
    if (button instanceof HTMLButtonElement) work(button);
  });
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = (event.target as HTMLElement).closest("form");
  if (!form) return;
  delete form.dataset.sending;
  rest(form);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll<HTMLFormElement>("form[data-sending]").forEach((form) => delete form.dataset.sending);
  rest(document);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const from = event.target as HTMLElement;
  const form = from.closest?.("form");
  if (!form) return;
  // A notice above the form asks something and has a button for it: that one comes first.
  const asked = form.id ? document.querySelector<HTMLButtonElement>(`button[data-send-first="${CSS.escape(form.id)}"]`) : null;
  const send = asked ?? form.querySelector<HTMLButtonElement>("button[data-send]");
  // Pressed twice, it comes to the row that has the focus after a reply: that sends nothing.
  if (!send && !from.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  event.preventDefault();
  // A click, because htmx learns from clicks which button's value goes along.
  if (send) send.click();
  else form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>("button[data-reveal]");
  const input = button && (document.getElementById(button.dataset.reveal!) as HTMLInputElement | null);
  if (!button || !input) return;
  const hidden = input.type === "password";
  input.type = hidden ? "text" : "password";
  const other = button.dataset.hideLabel ?? "";
  button.dataset.hideLabel = button.textContent ?? "";
  button.textContent = other;
});

// A field that sends its form by itself: <select data-submit>. Its plain button goes away.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.matches?.("[data-submit]")) field.form?.requestSubmit();
});

onContent((root) => {
  root.querySelectorAll<HTMLButtonElement>("button[data-reveal]").forEach((button) => (button.hidden = false));
  root.querySelectorAll<HTMLElement>("[data-without-script]").forEach((element) => (element.hidden = true));
  root.querySelectorAll<HTMLElement>("[data-with-script]").forEach((element) => (element.hidden = false));
  const wrong = root.querySelector<HTMLElement>(".field-invalid :is(input, select, textarea)");
  if (wrong) wrong.focus({ preventScroll: false });
});

function isChanged(field: Element): boolean {
  if (field instanceof HTMLSelectElement) {
    const options = [...field.options];
    return options.some((one) => one.defaultSelected) && options.some((one) => one.selected !== one.defaultSelected);
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  // A box without a value of its own says "on" and defaults to nothing: only its tick counts.
  return /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** Warns before leaving a form marked data-unsaved whose fields were changed. */
window.addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-unsaved]:not([data-sending])")];
  if (forms.some((form) => [...form.elements].some(isChanged))) event.preventDefault();
});
