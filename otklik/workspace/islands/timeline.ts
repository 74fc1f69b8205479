/**
 * The talk opens at the first message one has not read, else at its end; it stays at the end while
 * one reads the end, and is noted as read when seen.
 */
import { post } from "../../ui/islands/hypertext";
import { hearOutside } from "../../ui/islands/outside";

export default function timeline(element: HTMLElement): void {
  // On a phone the page itself scrolls, beside the pane's own header and the bar to reply.
  const isPhone = window.matchMedia("(width < 768px)").matches;
  const scroller = isPhone ? document.documentElement : element;
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
  };
  /** Whether something unread begins above what the end of the talk shows; then it is shown. */
  const toUnread = () => {
    const first = document.getElementById(`message-${element.dataset.unread ?? ""}`);
    if (!first || !element.contains(first)) return false;
    const head = isPhone ? (document.getElementById("ticket-head")?.offsetHeight ?? 0) : 0;
    const top = isPhone ? 0 : element.getBoundingClientRect().top;
    const edge = top + head + 12;
    if (first.getBoundingClientRect().top >= edge) return false;
    scroller.scrollTop += first.getBoundingClientRect().top - edge;
    return true;
  };
  let read = "";
  const note = () => {
    const last = element.dataset.last ?? "";
    if (!last || last === "0" || last === read || document.visibilityState === "hidden" || !element.isConnected) return;
    read = last;
    void post(element.dataset.reading!, { message: last });
  };
  let atEnd = true;
  const look = () => {
    if (!element.isConnected) document.removeEventListener("scroll", look);
    else atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  };
  (isPhone ? document : element).addEventListener("scroll", look, { passive: true });
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
  hearOutside(element, document, "visibilitychange", note);
  // A reload and the way back keep their place, a message's own address leads to it.
  const lead = () => {
    const wanted = /^#message-(\d+)$/.exec(location.hash)?.[1];
    if (!wanted || document.getElementById(`message-${wanted}`)) return;
    // It lies in the fold of a long talk: the talk is opened there, once.
    const address = new URL(location.href);
    if (address.searchParams.get("message") === wanted) return;
    address.searchParams.set("message", wanted);
    address.searchParams.delete("from");
    location.replace(address);
  };
  lead();
  // A pin and other links of the page itself change nothing but the end of its address.
  hearOutside(element, window, "hashchange", lead);
  const comesBack = isPhone && scroller.scrollTop > 0;
  const asked = new URL(location.href).searchParams;
  if (!["whole", "from", "message"].some((name) => asked.has(name)) && !location.hash && !comesBack) {
    toEnd();
    if (toUnread()) atEnd = false;
  } else atEnd = false;
  window.setTimeout(note, 800);
}
