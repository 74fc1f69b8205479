/**
 * Around sending: where to go afterwards, the caret when a text came back, leaving a mode of the
 * composer with its draft kept, Enter in the field of one's own time.
 */
type After = { go: "stay" | "next" | "list"; id: number };

const composer = () => document.getElementById("composer");

document.addEventListener("sending:after", (event) => {
  const { go, id } = (event as CustomEvent<After>).detail;
  if (go === "stay") return;
  const rows = [...document.querySelectorAll<HTMLElement>("#list .row")];
  const at = rows.findIndex((row) => row.dataset.id === String(id));
  const next = go === "next" ? (rows[at + 1] ?? rows[at - 1]) : undefined;
  const link = next?.querySelector<HTMLElement>("[data-row]") ?? document.querySelector<HTMLElement>("#list .pane-title a, #ticket-head a.only-phone");
  // What was sent is answered first: its pieces must not land in the next ticket.
  window.setTimeout(() => link?.click(), 80);
});

document.body.addEventListener("composer:opened", () => {
  document.querySelector<HTMLElement>(".toast-close")?.click();
  window.setTimeout(() => composer()?.querySelector<HTMLElement>(".editor-text, textarea:not([hidden])")?.focus(), 120);
});

// The draft of the mode that is left is kept before another takes its place.
document.addEventListener(
  "click",
  (event) => {
    const link = (event.target as HTMLElement).closest("[data-leave-mode]");
    if (link?.hasAttribute("data-opens-composer")) window.addEventListener("htmx:afterSettle", () => document.body.dispatchEvent(new CustomEvent("composer:opened")), { once: true });
    if (link) composer()?.querySelector<HTMLElement>("#composer-form")?.dispatchEvent(new CustomEvent("composer:leave"));
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const field = event.target as HTMLElement;
  if (event.key !== "Enter" || !field.matches?.("[data-later-at]")) return;
  event.preventDefault();
  field.closest("dialog")?.querySelector<HTMLElement>('[name="later"]')?.click();
});

export default function sending(root: HTMLElement): void {
  if (new URL(location.href).searchParams.get("write") === "side" && root.dataset.mode === "side") {
    document.body.dispatchEvent(new CustomEvent("composer:opened"));
  }
}
