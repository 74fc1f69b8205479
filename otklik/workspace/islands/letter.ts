/** A letter in its frame: as high as its content, loaded when its fold opens, pictures on request. */
function fit(frame: HTMLIFrameElement): void {
  const content = frame.contentDocument;
  if (!content?.body) return;
  const height = Math.min(Math.max(content.documentElement.scrollHeight, 40), 20_000);
  frame.style.height = `${height}px`;
}

export default function letter(element: HTMLElement): void {
  const frame = element as HTMLIFrameElement;
  const watch = () => {
    fit(frame);
    const body = frame.contentDocument?.body;
    if (body) new ResizeObserver(() => fit(frame)).observe(body);
  };
  frame.addEventListener("load", watch);
  if (frame.src && frame.contentDocument?.readyState === "complete") watch();
  const fold = frame.closest("details");
  const open = () => {
    if (frame.dataset.src && !frame.src) frame.src = frame.dataset.src;
  };
  if (fold) {
    fold.addEventListener("toggle", () => fold.open && open());
    if (fold.open) open();
  }
  frame.parentElement?.querySelector<HTMLButtonElement>("[data-pictures]")?.addEventListener("click", (event) => {
    (event.currentTarget as HTMLElement).hidden = true;
    frame.src = `${(frame.src || frame.dataset.src)!.split("?")[0]}?pictures=1`;
  });
}
