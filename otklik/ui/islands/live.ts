/**
 * Live pages. `data-live="ticket:42" data-version="7" [data-live-url="/tickets/42/timeline/"]`: when
 * the server says that the thing has a newer version, the element's fragment is fetched and morphed
 * in. Frames carry ids only. Lost sockets come back with growing, scattered waits; until then a poll
 * every half minute, and a quiet line that says so.
 *
 * → {"subscribe": {"ticket:42": 7}, "since": 1203}    ← {"topic": "ticket:42", "version": 8, "event": 1204}
 */
import { onContent, announceContent } from "./content";
import { htmx } from "./hypertext";
import { morph } from "./morph";
import { word } from "./words";

type Frame = { topic?: string; version?: number; event?: number };

const COALESCE = 500;
const POLL = 30_000;
const SLOWEST = 30_000;

let socket: WebSocket | undefined;
let since = 0;
let attempts = 0;
let poll = 0;
let lostTimer = 0;
let sent = "";
const last = new WeakMap<Element, number>();
const due = new WeakSet<Element>();
const asked = new WeakMap<Element, number>();

const elements = () => [...document.querySelectorAll<HTMLElement>("[data-live]")];
const versionOf = (element: HTMLElement) => Number(element.dataset.version ?? 0);

function topics(): Record<string, number> {
  const shown: Record<string, number> = {};
  for (const element of elements()) {
    for (const topic of element.dataset.live!.split(/\s+/).filter(Boolean)) {
      const version = versionOf(element);
      shown[topic] = Math.min(shown[topic] ?? version, version);
    }
  }
  return shown;
}

function subscribe(): void {
  const subscribe = topics();
  const names = Object.keys(subscribe).sort().join(" ");
  if (socket?.readyState !== WebSocket.OPEN || names === sent) return;
  sent = names;
  socket.send(JSON.stringify(since ? { subscribe, since } : { subscribe }));
}

async function refresh(element: HTMLElement): Promise<void> {
  last.set(element, Date.now());
  const turn = (asked.get(element) ?? 0) + 1;
  asked.set(element, turn);
  const url = element.dataset.liveUrl || element.getAttribute("hx-get") || location.href;
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Live": "true", "HX-Target": element.id } });
    if (response.status === 404 || response.status === 410) element.removeAttribute("data-live");
    if (!response.ok || response.redirected || !element.isConnected) return;
    const made = document.createElement("template");
    made.innerHTML = await response.text();
    if (asked.get(element) !== turn) return; // A slow answer must not undo a newer one.
    const same = element.id ? made.content.querySelector(`#${CSS.escape(element.id)}`) : null;
    const fresh = same ?? made.content.firstElementChild;
    if (!fresh) return;
    const whole = same !== null || fresh.hasAttribute("data-live");
    const result = whole ? morph(element, fresh, "outerHTML") : morph(element, made.content, "innerHTML");
    for (const node of result) {
      if (!(node instanceof HTMLElement)) continue;
      htmx.process(node);
      announceContent(node);
    }
    element.dispatchEvent(new CustomEvent("ui:live", { bubbles: true }));
  } catch {
    // The next frame or poll tries again.
  }
}

/** What `data-live-awake` says is of use to a page that nobody sees, such as a count in its title. */
const sleeps = (element: HTMLElement) => document.visibilityState === "hidden" && !element.hasAttribute("data-live-awake");

/** One fetch per element and half second, however many frames arrive. Hidden pages wait. */
function schedule(element: HTMLElement): void {
  if (sleeps(element)) {
    element.dataset.liveStale = "";
    return;
  }
  if (due.has(element)) return;
  due.add(element);
  const wait = Math.max(0, COALESCE - (Date.now() - (last.get(element) ?? 0)));
  window.setTimeout(() => {
    due.delete(element);
    delete element.dataset.liveStale;
    if (element.isConnected) void refresh(element);
  }, wait);
}

function receive({ topic, version = 0, event = 0 }: Frame): void {
  since = Math.max(since, event);
  if (!topic) return;
  for (const element of elements()) {
    if (!element.dataset.live!.split(/\s+/).includes(topic)) continue;
    // A list of many things has no single version of its own: every frame counts.
    if (element.dataset.version && version && version <= versionOf(element)) continue;
    schedule(element);
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

function connect(): void {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  if (elements().every(sleeps)) return;
  const address = new URL("/ws", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    // Versions say what single things missed; a list of many has none and simply asks.
    if (attempts) elements().filter((element) => !element.dataset.version).forEach(schedule);
    attempts = 0;
    sent = "";
    say(false);
    window.clearInterval(poll);
    poll = 0;
    subscribe();
  });
  socket.addEventListener("message", ({ data }) => {
    try {
      receive(JSON.parse(String(data)) as Frame);
    } catch {
      // Not one of our frames.
    }
  });
  socket.addEventListener("close", () => {
    socket = undefined;
    attempts += 1;
    say(true);
    if (!poll) poll = window.setInterval(() => elements().forEach(schedule), POLL);
    const wait = Math.min(SLOWEST, 500 * 2 ** attempts);
    window.setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
  });
}

onContent(() => {
  connect();
  subscribe();
});
document.addEventListener("htmx:afterSettle", subscribe);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") return;
  connect();
  document.querySelectorAll<HTMLElement>("[data-live][data-live-stale]").forEach(schedule);
});
window.addEventListener("online", connect);
window.addEventListener("pagehide", () => socket?.close());
