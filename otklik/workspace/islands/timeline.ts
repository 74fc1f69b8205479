/** The talk opens at its end, stays there while one reads the end, and is noted as read when seen. */
function csrf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export default function timeline(element: HTMLElement): void {
  const isPhone = () => window.matchMedia("(width < 768px)").matches;
  const toEnd = () => {
    if (isPhone()) return;
    element.scrollTop = element.scrollHeight;
  };
  let read = "";
  const note = () => {
    const last = element.dataset.last ?? "";
    if (!last || last === "0" || last === read || document.visibilityState === "hidden" || !element.isConnected) return;
    read = last;
    const body = new FormData();
    body.set("message", last);
    void fetch(element.dataset.reading!, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" }, keepalive: true });
  };
  let atEnd = true;
  element.addEventListener("scroll", () => {
    atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
  }, { passive: true });
  const grown = new ResizeObserver(() => atEnd && toEnd());
  const watch = () => {
    grown.disconnect();
    // The pane itself shrinks when the composer opens: what is answered stays in sight.
    for (const each of [element, ...element.children]) grown.observe(each);
  };
  watch();
  new MutationObserver(() => {
    watch();
    if (atEnd) toEnd();
    window.setTimeout(note, 800);
  }).observe(element, { childList: true, subtree: true });
  document.addEventListener("visibilitychange", note);
  if (!new URL(location.href).searchParams.has("whole")) toEnd();
  window.setTimeout(note, 800);
}
