/**
 * Tells the others who writes here: from the first letter until two minutes after the last one. What
 * crossed and was read is seen: who goes on writing is not stopped by it a second time.
 */
const PAUSE = 120_000;

document.addEventListener("click", (event) => {
  const seen = (event.target as HTMLElement).closest<HTMLElement>("[data-notice-seen]")?.dataset.noticeSeen;
  const field = seen && document.querySelector<HTMLInputElement>('#composer-form [name="seen_message_id"]');
  if (field) field.value = seen;
}, true);

export default function typing(element: HTMLElement): void {
  const root = element.closest<HTMLElement>("#composer");
  if (!root) return;
  let timer = 0;
  const be = (doing: string) => {
    if ((root.dataset.doing ?? "reading") === doing) return;
    root.dataset.doing = doing;
    document.dispatchEvent(new Event("ui:doing"));
  };
  const stop = () => {
    window.clearTimeout(timer);
    be("reading");
  };
  const write = (event: Event) => {
    if (!(event.target as HTMLElement).closest("textarea, [contenteditable]")) return;
    be(root.dataset.mode === "note" ? "note" : "reply");
    window.clearTimeout(timer);
    timer = window.setTimeout(stop, PAUSE);
  };
  root.addEventListener("input", write);
  root.addEventListener("click", (event) => (event.target as HTMLElement).closest("[data-fold-composer]") && stop());
}
