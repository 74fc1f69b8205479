/**
 * <time data-when="relative">: "5 minutes ago", renewed each half minute; the page holds the date.
 * Measured by the desk's clock: this machine's may be wrong.
 */
import { onContent } from "./content";
import { word } from "./words";

const locale = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
const WRONG = 20; // seconds; less is the way of the page to here

// How far this machine's clock is ahead, in seconds.
let ahead = 0;

/** The desk's time in seconds, as it is now. */
export function serverSays(now: number): void {
  const found = Date.now() / 1000 - now;
  const before = ahead;
  ahead = Math.abs(found) > WRONG ? found : 0;
  if (Math.abs(before - ahead) > 1) renew(document);
}

function renew(root: ParentNode): void {
  root.querySelectorAll<HTMLTimeElement>('time[data-when="relative"]').forEach((element) => {
    const seconds = Date.parse(element.dateTime) / 1000 - (Date.now() / 1000 - ahead);
    const distance = Math.abs(seconds);
    if (Number.isNaN(distance) || distance >= 7 * 86400) return; // Far away, the date says more.
    const [unit, size] = STEPS.find(([, length]) => distance >= length) ?? ["second" as const, 1];
    const words = unit === "second" ? word("now") : relative.format(Math.trunc(seconds / size), unit);
    if (element.textContent !== words) element.textContent = words;
  });
}

/** <time data-zone="Asia/Tokyo">: what the clock shows there. */
function tick(root: ParentNode): void {
  root.querySelectorAll<HTMLTimeElement>("time[data-zone]").forEach((element) => {
    try {
      const clock = new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit", timeZone: element.dataset.zone! });
      const words = clock.format(new Date(Date.now() - ahead * 1000));
      if (element.textContent !== words) element.textContent = words;
    } catch {
      // A zone this browser has not heard of: what the server wrote stays.
    }
  });
}

const drawn = Number(document.querySelector<HTMLMetaElement>('meta[name="now"]')?.content ?? 0);
if (drawn) serverSays(drawn);
onContent(renew);
onContent(tick);
window.setInterval(() => {
  renew(document);
  tick(document);
}, 30_000);
