/** <time data-when="relative">: "5 minutes ago", renewed each half minute; the page holds the date. */
import { onContent } from "./content";
import { word } from "./words";

const locale = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];

function renew(root: ParentNode): void {
  root.querySelectorAll<HTMLTimeElement>('time[data-when="relative"]').forEach((element) => {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    const distance = Math.abs(seconds);
    if (Number.isNaN(distance) || distance >= 7 * 86400) return; // Far away, the date says more.
    const [unit, size] = STEPS.find(([, length]) => distance >= length) ?? ["second" as const, 1];
    const words = unit === "second" ? word("now") : relative.format(Math.trunc(seconds / size), unit);
    if (element.textContent !== words) element.textContent = words;
  });
}

onContent(renew);
window.setInterval(() => renew(document), 30_000);
