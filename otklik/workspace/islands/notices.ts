/**
 * What one is told of, on every page: the counts by the bells, the title and the icon of the tab, a
 * toast where it is not in sight already, a sound from one tab alone. The element is refetched by
 * live.ts; it holds counts and the newest ones.
 */
import { post } from "../../ui/islands/hypertext";
import { toast } from "../../ui/islands/toast";
import { wireBell } from "../notices/bell";
import { chime, unlock } from "../notices/chime";
import { closeRead, leaveStranger } from "../notices/devices";

type Notice = { id: number; thing: string; url: string; text: string; isSeen: boolean; hasSound: boolean };

const number = (element: HTMLElement, name: string) => Number(element.dataset[name] ?? 0);

function noticesIn(element: HTMLElement): Notice[] {
  return [...element.querySelectorAll<HTMLTemplateElement>("template[data-notice]")].map(({ dataset }) => ({
    id: Number(dataset.notice),
    thing: dataset.thing ?? "",
    url: dataset.url ?? "",
    text: dataset.text ?? "",
    isSeen: dataset.seen === "1",
    hasSound: dataset.sound === "1",
  }));
}

/** Whether the reader has it before them: its page is open, and they are at it. */
const isInSight = (thing: string) =>
  document.visibilityState === "visible" &&
  document.hasFocus() &&
  document.querySelector(`#ticket-head[data-live~="${CSS.escape(thing)}"]`) !== null;

function showCounts(element: HTMLElement): void {
  const unread = number(element, "unread");
  document.querySelectorAll<HTMLElement>("[data-bell-count]").forEach((count) => {
    count.textContent = element.dataset.count ?? "";
    count.hidden = unread === 0;
  });
  if (unread) void navigator.setAppBadge?.(unread).catch(() => undefined);
  else void navigator.clearAppBadge?.().catch(() => undefined);
}

function showTitle(element: HTMLElement): void {
  const unseen = number(element, "unseen");
  const bare = document.title.replace(/^\(\d+\) /, "");
  const wanted = unseen ? `(${unseen}) ${bare}` : bare;
  if (document.title !== wanted) document.title = wanted;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!icon) return;
  icon.dataset.plain ??= icon.href;
  const href = unseen ? new URL(element.dataset.dot!, location.href).href : icon.dataset.plain;
  if (icon.href !== href) icon.href = href;
}

/** A way back from something just done goes before news. */
function tell(text: string, link: string, tries = 20): void {
  if (document.visibilityState === "hidden") return;
  if (tries && document.querySelector('#toasts .toast [data-key="z"]')) window.setTimeout(() => tell(text, link, tries - 1), 1000);
  else toast({ text, link });
}

export default function notices(element: HTMLElement): void {
  let known = number(element, "newest");
  const look = () => {
    const fresh = noticesIn(element).filter((each) => each.id > known && !each.isSeen);
    known = Math.max(known, number(element, "newest"));
    const away = fresh.filter((each) => !isInSight(each.thing));
    for (const thing of new Set(fresh.filter((each) => !away.includes(each)).map((each) => each.thing))) {
      void post(element.dataset.reading!, { thing });
    }
    const loud = Math.max(0, ...away.filter((each) => each.hasSound).map((each) => each.id));
    if (loud) void chime(loud);
    const things = new Set(away.map((each) => each.thing));
    if (things.size === 1) tell(away[0]!.text, away[0]!.url);
    else if (things.size) tell((element.dataset.many ?? "").replace("%s", String(away.length)), "/notifications/");
  };
  const show = () => {
    showCounts(element);
    showTitle(element);
    void closeRead((element.dataset.things ?? "").split(" "));
  };
  element.addEventListener("ui:live", () => {
    show();
    look();
  });
  const title = document.querySelector("title");
  if (title) new MutationObserver(() => showTitle(element)).observe(title, { childList: true, characterData: true, subtree: true });
  unlock();
  wireBell(element);
  void leaveStranger(element.dataset.person ?? "");
  show();
}
