/** The person's drawer or sheet and the phone's sections: [data-pane-open="side|nav"], [data-pane-close]. */
let opener: HTMLElement | undefined;

function show(which: string, from: HTMLElement): void {
  const shell = document.getElementById("shell");
  if (!shell) return;
  opener = from;
  shell.dataset.side = which === "nav" ? "nav" : "open";
  from.setAttribute("aria-expanded", "true");
  document.getElementById(which === "nav" ? "nav" : "side")?.focus();
}

function hide(): boolean {
  const shell = document.getElementById("shell");
  if (!shell?.dataset.side) return false;
  delete shell.dataset.side;
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  opener = undefined;
  return true;
}

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const button = target.closest<HTMLElement>("[data-pane-open]");
  if (button) {
    event.preventDefault();
    const same = opener === button;
    if (!hide() || !same) show(button.dataset.paneOpen!, button);
  } else if (target.closest("[data-pane-close]")) hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open], :popover-open:not(.tip)")) return;
  if (hide()) event.preventDefault();
});

// The skip link leads to the pane that is shown.
document.addEventListener("click", (event) => {
  if (!(event.target as HTMLElement).closest(".skip-link")) return;
  const shown = ["main", "list"].map((id) => document.getElementById(id)).find((pane) => pane?.checkVisibility());
  if (!shown) return;
  event.preventDefault();
  shown.focus();
});

// What is current in a navigation longer than the window is in sight.
const nav = document.getElementById("nav");
if (nav && nav.scrollHeight > nav.clientHeight)
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });

export {};
