/**
 * form[data-autosave-url]: what is typed is sent there (POST) a moment after typing stops and when
 * the page is hidden; [data-autosave-state] in the form says when. Sending the form stops it.
 */
import { csrf } from "./hypertext";
import { word } from "./words";

const WAIT = 1200;
const timers = new WeakMap<HTMLFormElement, number>();
const dirty = new Set<HTMLFormElement>();

function say(form: HTMLFormElement, text: string): void {
  const state = form.querySelector("[data-autosave-state]");
  if (state) state.textContent = text;
}

async function save(form: HTMLFormElement, leaving = false): Promise<void> {
  if (!dirty.delete(form) || !form.dataset.autosaveUrl || form.dataset.sending !== undefined) return;
  window.clearTimeout(timers.get(form));
  const body = new FormData(form);
  for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
  try {
    const response = await fetch(form.dataset.autosaveUrl, { method: "POST", body, keepalive: leaving, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    if (!response.ok) throw new Error(String(response.status));
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
    say(form, word("saved", time.format(new Date())));
    form.dispatchEvent(new CustomEvent("ui:saved", { bubbles: true }));
  } catch {
    say(form, word("unsaved"));
    if (!leaving && form.isConnected) {
      dirty.add(form);
      timers.set(form, window.setTimeout(() => void save(form), 10_000));
    }
  }
}

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const form = (event.target as HTMLElement).closest?.<HTMLFormElement>("form[data-autosave-url]");
    if (!form) return;
    dirty.add(form);
    window.clearTimeout(timers.get(form));
    timers.set(form, window.setTimeout(() => void save(form), WAIT));
  });
}
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  dirty.delete(form);
  window.clearTimeout(timers.get(form));
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") for (const form of dirty) void save(form, true);
});
