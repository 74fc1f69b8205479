/**
 * The one socket of a page: what it shows, where its person is, what has changed. Lost sockets come
 * back with growing, scattered waits; what was missed meanwhile is told from the event log.
 *
 * → {"subscribe": {"ticket:42": 7, "inbox:all": null}, "since": 1203}
 * → {"here": {"presence:42": "reply"}}
 * ← {"subscribed": [...], "event": 1203, "now": 1780000000.5}
 * ← {"topic": "ticket:42", "version": 8, "event": 1204, "more": [...]}
 * → {"draw": {"topic": "inbox:all", "address": "list=all", "language": "en", "zone": "UTC", "has": {"42": "1f…"}}}
 * (and "apart": true in it: the piece comes as it is, for writing and reading it as JSON cost the
 * desk an eighth of its time)
 * ← drawn inbox:all⏎<article …   or {"drawn": "inbox:all", "html": null}: its address is asked
 */
import { ended } from "./session";
import { serverSays } from "./times";

export type Change = { topic?: string; version?: number | null; event?: number | null; about?: number[]; moves?: boolean };
type Frame = Change & { more?: Change[]; subscribed?: string[]; now?: number; drawn?: string; html?: string | null };
export type Drawing = { topic: string; address: string; language: string; zone: string; has: Record<string, string>; plain?: boolean };

type Page = {
  /** All topics that the page shows, with the version it shows of each. */
  topics: () => Record<string, number | null>;
  /** All places its person is in, and what they do there. */
  places: () => Record<string, string>;
  /** Whether nothing of it wants to hear anything now. */
  sleeps: () => boolean;
  changed: (change: Change) => void;
  /** `again`: it was open before, so that something may have been missed. */
  opened: (again: boolean) => void;
  lost: () => void;
};

const SLOWEST = 30_000;
const SIGNED_OUT = 4401;
const PATIENCE = 10_000;
/** Characters of an address that the desk reads over a socket. */
const LONGEST = 4000;
const DRAWN = "drawn ";

let page: Page | undefined;
let socket: WebSocket | undefined;
let since = 0;
let attempts = 0;
let sent = "";
let placed = "{}";

const awaited = new Map<string, (html: string | null) => void>();

const isOpen = () => socket?.readyState === WebSocket.OPEN;

/** Says what the page shows now, and where its person is, if either is news. */
export function tell(): void {
  if (!page || !isOpen()) return;
  const subscribe = page.topics();
  const names = Object.keys(subscribe).sort().join(" ");
  if (names !== sent) {
    sent = names;
    // A page that has just been drawn may have missed what happened while it was on its way.
    const from = since ? { since } : { age: Math.ceil(performance.now() / 1000) };
    socket!.send(JSON.stringify({ subscribe, ...from }));
  }
  const here = JSON.stringify(page.places());
  if (here !== placed) {
    placed = here;
    socket!.send(`{"here": ${here}}`);
  }
}

/** What changed of a piece, in a drawing that leaves out what the page `has`; null: ask its address. */
export function draw(asked: Drawing): Promise<string | null> {
  if (!isOpen() || awaited.has(asked.topic) || asked.address.length > LONGEST) return Promise.resolve(null);
  return new Promise((done) => {
    const timer = window.setTimeout(() => answer(null), PATIENCE);
    const answer = (html: string | null) => {
      window.clearTimeout(timer);
      awaited.delete(asked.topic);
      done(html);
    };
    awaited.set(asked.topic, answer);
    socket!.send(JSON.stringify({ draw: { ...asked, apart: true } }));
  });
}

function hear(data: string): void {
  if (data.startsWith(DRAWN)) {
    const end = data.indexOf("\n");
    return awaited.get(data.slice(DRAWN.length, end))?.(data.slice(end + 1));
  }
  const frame = JSON.parse(data) as Frame;
  // A node of the version before gives the piece itself here.
  if (frame.drawn) return awaited.get(frame.drawn)?.(frame.html ?? null);
  since = Math.max(since, frame.event ?? 0);
  if (frame.now) serverSays(frame.now);
  for (const change of [frame, ...(frame.more ?? [])]) {
    since = Math.max(since, change.event ?? 0);
    if (change.topic) page?.changed(change);
  }
}

export function connect(given?: Page): void {
  page = given ?? page;
  if (!page || (socket && socket.readyState <= WebSocket.OPEN)) return;
  if (page.sleeps()) return;
  const address = new URL("/ws", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    page!.opened(attempts > 0);
    attempts = 0;
    sent = "";
    placed = "{}";
    tell();
  });
  socket.addEventListener("message", ({ data }) => {
    try {
      hear(String(data));
    } catch {
      // Not one of our frames.
    }
  });
  socket.addEventListener("close", ({ code }) => {
    socket = undefined;
    attempts += 1;
    for (const answer of [...awaited.values()]) answer(null);
    if (code === SIGNED_OUT) ended();
    page!.lost();
    const wait = Math.min(SLOWEST, 500 * 2 ** attempts);
    window.setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
  });
}

window.addEventListener("online", () => connect());
window.addEventListener("pagehide", () => socket?.close());
