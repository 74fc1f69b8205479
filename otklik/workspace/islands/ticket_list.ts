/**
 * The list of tickets: ticking and its bar, the open row, panes that change in place.
 * Rows are plain links (boosted by htmx into #main); without a script they lead to their page.
 */
import { hearOutside } from "../../ui/islands/outside";

const shell = () => document.getElementById("shell");
const rows = () => [...document.querySelectorAll<HTMLElement>("#list .row")];

function markOpen(id: string | undefined): void {
  for (const row of rows()) {
    if (row.dataset.id === id) {
      row.setAttribute("aria-current", "true");
      row.classList.remove("row-unread");
    } else row.removeAttribute("aria-current");
  }
}

function openId(): string | undefined {
  return document.querySelector<HTMLElement>("#ticket-head")?.dataset.ticket;
}

// Solved before the list beside the ticket had come: its next row is focused when it has.
let awaited: number | undefined;

function focusNext(id: number): void {
  const all = rows();
  awaited = all.length ? undefined : id;
  const at = all.findIndex((row) => row.dataset.id === String(id));
  const next = all[at + 1] ?? all[at - 1];
  next?.querySelector<HTMLElement>("[data-row]")?.focus({ preventScroll: true });
}

/** A ticket came into the main pane: the panes around it follow. */
function follow(): void {
  const frame = shell();
  if (!frame) return;
  frame.dataset.panes = "list main side";
  frame.dataset.phone = "main";
  delete frame.dataset.side;
  markOpen(openId());
  if (window.matchMedia("(width < 768px)").matches) window.scrollTo(0, 0);
  // Space and arrows scroll the talk that was opened; j and k go on from its row. With the next frame:
  // a focus measures the page, which is done then anyway.
  window.requestAnimationFrame(() => {
    const inFocus = document.activeElement;
    if (inFocus === document.body || inFocus?.closest("#list")) document.getElementById("timeline")?.focus({ preventScroll: true });
  });
}
document.addEventListener("htmx:afterSwap", (event) => {
  if ((event as CustomEvent<{ target: HTMLElement }>).detail.target.id === "main") follow();
});
// Who is quick has one before this file has come.
if (openId() && !shell()?.dataset.panes?.includes("side")) follow();
// The talk that goes lets go of the focus first: taken off with it, it is measured once more.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = (event as CustomEvent<{ target: HTMLElement }>).detail;
  const talk = document.getElementById("timeline");
  if (target.id === "main" && talk === document.activeElement) talk?.blur();
});
document.addEventListener("ui:live", () => markOpen(openId()));
document.addEventListener("htmx:afterSettle", (event) => {
  if ((event.target as HTMLElement).id === "rows") markOpen(openId());
  if (awaited && rows().length) focusNext(awaited);
});
document.addEventListener("ticket:solved", (event) => {
  const { id } = (event as CustomEvent<{ id?: number }>).detail;
  if (id) window.setTimeout(() => focusNext(id), 60);
});
// What was sent took its field away with it: the next row waits for Enter.
document.addEventListener("message:sent", () => {
  const id = openId();
  if (id) window.setTimeout(() => document.activeElement === document.body && focusNext(Number(id)), 60);
});
document.addEventListener("otklik:refused", (event) => {
  const { title, advice } = (event as CustomEvent<{ title: string; advice: string }>).detail;
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: [title, advice].filter(Boolean).join(" ") } }));
});

// "Show more" gives way to the rows it brought.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = (event as CustomEvent<{ target: HTMLElement; requestConfig: { elt: HTMLElement } }>).detail;
  if (target.id === "more") requestConfig.elt.closest(".list-foot")?.remove();
});

export default function ticketList(element: HTMLElement): void {
  // Beside a ticket that was opened at its own address the list comes later: its row stands in sight.
  element.querySelector(".row[aria-current]")?.scrollIntoView({ block: "center" });
  const form = element.querySelector("form");
  const bar = element.querySelector<HTMLElement>("[data-bulk-bar]");
  if (!form || !bar) return;
  const boxes = () => [...form.querySelectorAll<HTMLInputElement>(".row-tick input")];
  const whole = bar.querySelector<HTMLButtonElement>("[data-bulk-whole]");
  const isWhole = () => whole?.getAttribute("aria-pressed") === "true";
  const show = () => {
    const ticked = boxes().filter((box) => box.checked);
    bar.hidden = ticked.length === 0;
    form.classList.toggle("rows-ticking", ticked.length > 0);
    bar.querySelector("[data-bulk-count]")!.textContent = isWhole() ? whole!.textContent : String(ticked.length);
    for (const opener of bar.querySelectorAll<HTMLElement>("[data-bulk-open]")) {
      const address = new URL(opener.dataset.bulkUrl ?? form.action, location.href);
      if (isWhole() && (!opener.dataset.bulkUrl || "bulkWholeToo" in opener.dataset)) address.searchParams.set("whole", whole!.dataset.query ?? "");
      else address.searchParams.set("tickets", ticked.map((box) => box.value).join(","));
      opener.dataset.dialogUrl = address.pathname + address.search;
    }
  };
  const setWhole = (on: boolean) => {
    whole?.setAttribute("aria-pressed", String(on));
    show();
  };
  const set = (checked: boolean) => {
    for (const box of boxes()) box.checked = checked;
    setWhole(false);
  };
  whole?.addEventListener("click", () => setWhole(!isWhole()));
  form.addEventListener("change", () => setWhole(false));
  bar.querySelector("[data-bulk-all]")!.addEventListener("click", () => set(true));
  bar.querySelector("[data-bulk-clear]")!.addEventListener("click", () => set(false));
  hearOutside(element, document, "inbox:untick", () => set(false));
  hearOutside(element, document, "htmx:afterSettle", () => element.isConnected && show());
  form.addEventListener("submit", (event) => {
    if (!(event as SubmitEvent).submitter) event.preventDefault();
  });
  show();
}
