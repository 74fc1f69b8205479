/**
 * Live pages. `data-live="ticket:42" data-version="7" [data-live-url="/tickets/42/"]`: when the server
 * says that the thing has a newer version, the element's fragment is fetched and morphed in. Elements
 * with the same address and `data-live-group` come in one answer. `data-here="presence:42"
 * [data-doing="reading"]` says where the person is. What a person holds on to (an open list, a
 * half-typed field) stays as it is until they let go.
 *
 * A list has `data-live-draw` (its query string) and `data-live-zone`: what changed of it comes over
 * the socket, without the rows that the page has already (`data-drawn` is a row's digest). With
 * `data-live-plain` a change that moves nothing concerns it only when it shows the thing. So do the
 * pieces of a page with `data-live-pieces`, one of which has the zone.
 */
import { onContent } from "./content";
import { enliven } from "./hypertext";
import { morph } from "./morph";
import { letGo } from "./pressing";
import { ended } from "./session";
import { type Change, connect, draw, tell } from "./socket";
import { carryToast, toast } from "./toast";
import { word } from "./words";

const POLL = 30_000;
const PAUSE = 250;
const AWAY = 20_000;

let poll = 0;
let lostTimer = 0;
let away = 0;
let failures = 0;
let isRunning = false;
let isAway = false;
/** What is to be fetched, and whether all of it: only after a frame it is known what a page has. */
const stale = new Map<HTMLElement, boolean>();
const fetching = new Set<HTMLElement>();

const elements = () => [...document.querySelectorAll<HTMLElement>("[data-live]")];
const topicsOf = (element: HTMLElement) => element.dataset.live!.split(/\s+/).filter(Boolean);
const versionOf = (element: HTMLElement) => (element.dataset.version ? Number(element.dataset.version) : null);
const urlOf = (element: HTMLElement) => element.dataset.liveUrl || element.getAttribute("hx-get") || location.href;

function topics(): Record<string, number | null> {
  const shown: Record<string, number | null> = {};
  for (const element of elements()) {
    const version = versionOf(element);
    for (const topic of topicsOf(element)) {
      const known = shown[topic] ?? null;
      shown[topic] = version === null || known === null ? (version ?? known) : Math.min(known, version);
    }
  }
  return shown;
}

function places(): Record<string, string> {
  const told: Record<string, string> = {};
  if (isAway) return told;
  for (const element of document.querySelectorAll<HTMLElement>("[data-here]")) {
    told[element.dataset.here!] = element.dataset.doing || "reading";
  }
  return told;
}

function put(element: HTMLElement, content: DocumentFragment): void {
  const same = element.id ? content.querySelector(`#${CSS.escape(element.id)}`) : null;
  const fresh = same ?? content.firstElementChild;
  if (!fresh || !element.isConnected) return;
  const whole = same !== null || fresh.hasAttribute("data-live");
  enliven(whole ? morph(element, fresh, "outerHTML") : morph(element, content, "innerHTML"));
  element.dispatchEvent(new CustomEvent("ui:live", { bubbles: true }));
}

/** Where the same rows stand in the same order only those that changed are touched. */
function putInPlace(element: HTMLElement, content: DocumentFragment): boolean {
  const shown = [...element.children];
  const fresh = [...content.children] as HTMLElement[];
  if (shown.length !== fresh.length || fresh.some((one, at) => one.id !== shown[at]!.id || one.tagName !== shown[at]!.tagName)) return false;
  fresh.forEach((one, at) => {
    if (!("same" in one.dataset) && !one.isEqualNode(shown[at]!)) enliven(morph(shown[at]!, one, "outerHTML"));
  });
  element.dispatchEvent(new CustomEvent("ui:live", { bubbles: true }));
  return true;
}

/** The piece with only what changed of it fetched. False: its address has to be asked. */
async function redraw(element: HTMLElement): Promise<boolean> {
  const has: Record<string, string> = {};
  for (const row of element.querySelectorAll<HTMLElement>("[data-drawn]")) has[row.dataset.id!] = row.dataset.drawn!;
  const { liveDraw: address, liveZone: zone } = element.dataset;
  const plain = "livePlain" in element.dataset;
  const html = await draw({ topic: topicsOf(element)[0]!, address: address!, language: document.documentElement.lang, zone: zone!, has, plain });
  if (html === null) return false;
  if (!element.isConnected) return true;
  const made = document.createElement("template");
  made.innerHTML = html;
  if (putInPlace(element, made.content)) return true;
  for (const same of made.content.querySelectorAll("[data-same]")) {
    const shown = document.getElementById(same.id);
    if (!shown || !element.contains(shown)) return false;
    same.replaceWith(shown.cloneNode(true));
  }
  put(element, made.content);
  return true;
}

/** The same of all pieces of a page that have one topic: they come together, as their address has them. */
async function redrawPieces(group: HTMLElement[]): Promise<boolean> {
  const zone = group.map((element) => element.dataset.liveZone).find(Boolean);
  if (!zone) return false;
  const has = Object.fromEntries(group.map((element) => [element.id, ""]));
  const address = location.pathname + location.search;
  const html = await draw({ topic: topicsOf(group[0]!)[0]!, address, language: document.documentElement.lang, zone, has });
  if (html === null) return false;
  const made = document.createElement("template");
  made.innerHTML = html;
  await letGo();
  for (const element of group) put(element, made.content);
  return true;
}

/** Rows that a list shows beside its first page, the grouped and the tabled, come with their address. */
async function follow(url: string, group: HTMLElement[], whole: boolean): Promise<void> {
  const [first] = group;
  if (!whole && group.length === 1 && first!.dataset.liveDraw !== undefined && (await redraw(first!))) return;
  if (!whole && group.every((element) => "livePieces" in element.dataset) && (await redrawPieces(group))) return;
  return refresh(url, group);
}

async function refresh(url: string, group: HTMLElement[]): Promise<void> {
  const wanted = group.map((element) => element.id).filter(Boolean).join(" ");
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Live": "true", "HX-Target": wanted, "HX-Current-URL": location.href } });
    if (response.status === 401 || response.redirected) return ended();
    if (response.status === 404 || response.status === 410) return gone(group);
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) return moved(group, elsewhere);
    if (response.status === 403 || response.status === 204) return;
    if (!response.ok) throw new Error(String(response.status));
    const made = document.createElement("template");
    made.innerHTML = await response.text();
    await letGo();
    for (const element of group) put(element, made.content);
    failures = 0;
  } catch {
    // Nothing will tell again: ask once more, ever more patiently.
    failures += 1;
    window.setTimeout(() => group.forEach((one) => schedule(one)), Math.min(POLL, 1000 * 2 ** failures));
  }
}

/** What `data-live-awake` says is of use to a page that nobody sees, such as a count in its title. */
const sleeps = (element: HTMLElement) => document.visibilityState === "hidden" && !element.hasAttribute("data-live-awake");

/** Deleted, merged away, or no longer this one's to see: what was shown stays, and says so. */
function gone(group: HTMLElement[]): void {
  const shown = group.filter((element) => element.isConnected);
  for (const element of shown) element.removeAttribute("data-live");
  if (shown.length) toast({ text: word("gone") });
  tell();
}

/** What was pressed here is answered first: the change that leads away may be one's own. */
async function answered(): Promise<void> {
  const end = performance.now() + 3000;
  while (document.querySelector(".htmx-request") && performance.now() < end) await new Promise((done) => window.setTimeout(done, 50));
}

/** What was shown goes on under another address: one is led there, unless something is half typed. */
async function moved(group: HTMLElement[], address: string): Promise<void> {
  await answered();
  const isTyped = [...document.querySelectorAll<HTMLTextAreaElement>("#main textarea")].some((field) => field.value.trim());
  if (!isTyped) {
    carryToast();
    return location.assign(address);
  }
  for (const element of group) element.removeAttribute("data-live");
  toast({ text: word("moved"), link: address });
}

/** A round at a time: a slow desk is asked less often, and what changed meanwhile goes together. */
async function run(): Promise<void> {
  if (isRunning) return;
  isRunning = true;
  try {
    while (stale.size) {
      await Promise.resolve();
      const groups = new Map<string, HTMLElement[]>();
      const due = new Map(stale);
      [...due.keys()].filter((element) => element.isConnected).forEach((element, number) => {
        const url = urlOf(element);
        const key = `${url} ${element.dataset.liveGroup ?? number}`;
        groups.set(key, [...(groups.get(key) ?? []), element]);
      });
      stale.clear();
      const began = performance.now();
      for (const element of due.keys()) fetching.add(element);
      await Promise.all([...groups.values()].map((group) => follow(urlOf(group[0]!), group, group.some((one) => due.get(one)))));
      fetching.clear();
      const took = performance.now() - began;
      if (groups.size) await new Promise((done) => window.setTimeout(done, Math.min(5000, Math.max(PAUSE, took))));
    }
  } finally {
    isRunning = false;
  }
}

/** Hidden pages wait. */
function schedule(element: HTMLElement, whole = true): void {
  if (sleeps(element)) {
    element.dataset.liveStale = "";
    return;
  }
  delete element.dataset.liveStale;
  stale.set(element, whole || stale.get(element) === true);
  void run();
}

/** What is on its way may show the thing already, as it was before. */
function concerns(element: HTMLElement, { about, moves }: Change): boolean {
  if (!about || moves !== false || !("livePlain" in element.dataset)) return true;
  if (stale.has(element) || fetching.has(element) || "liveStale" in element.dataset) return true;
  return about.some((id) => document.getElementById(`row-${id}`));
}

function changed(change: Change): void {
  const { topic, version } = change;
  for (const element of elements()) {
    if (!topicsOf(element).includes(topic!)) continue;
    // A list of many things has no single version of its own: every frame counts.
    const shown = versionOf(element);
    if (shown !== null && version && version <= shown) continue;
    if (concerns(element, change)) schedule(element, false);
  }
}

function say(lost: boolean): void {
  window.clearTimeout(lostTimer);
  const shown = document.getElementById("offline");
  if (!lost) {
    shown?.remove();
    return;
  }
  if (shown) return;
  // A blink of the network is nobody's business.
  lostTimer = window.setTimeout(() => {
    const note = document.createElement("p");
    note.id = "offline";
    note.className = "offline";
    note.setAttribute("role", "status");
    const ring = document.createElement("span");
    ring.className = "spinner";
    note.append(ring, word("offline"));
    document.body.append(note);
  }, 4000);
}

const page = {
  topics,
  sleeps: () => elements().every(sleeps),
  places,
  changed,
  opened(again: boolean) {
    // Versions say what single things missed; what has none simply asks.
    if (again) elements().filter((element) => !element.dataset.version).forEach((one) => schedule(one));
    say(false);
    window.clearInterval(poll);
    poll = 0;
  },
  lost() {
    say(true);
    if (!poll) poll = window.setInterval(() => elements().forEach((one) => schedule(one)), POLL);
  },
};

const look = () => {
  connect(page);
  tell();
};
onContent(look);
document.addEventListener("htmx:afterSettle", tell);
document.addEventListener("ui:doing", tell);
// What was held on to is let go: now it may follow what changed meanwhile.
const owed = "[data-live][data-live-owed]";
const released = ({ type, target }: Event) =>
  document.querySelector(owed) &&
  !(type === "keyup" && target instanceof HTMLElement && target.matches("input, textarea")) &&
  window.setTimeout(() => document.querySelectorAll<HTMLElement>(owed).forEach((element) => {
    delete element.dataset.liveOwed;
    schedule(element);
  }), 50);
for (const name of ["focusout", "change", "close", "toggle", "click", "keyup"]) document.addEventListener(name, released, true);
document.addEventListener("session:renewed", () => {
  connect();
  elements().forEach((one) => schedule(one));
});
document.addEventListener("visibilitychange", () => {
  window.clearTimeout(away);
  if (document.visibilityState === "hidden") {
    away = window.setTimeout(() => {
      isAway = true;
      tell();
    }, AWAY);
    return;
  }
  isAway = false;
  look();
  document.querySelectorAll<HTMLElement>("[data-live][data-live-stale]").forEach((one) => schedule(one));
});
