/**
 * Pushes: what the desk says is shown; what was read elsewhere goes away; a click leads to the page.
 * The desk sends {"title", "body", "tag", "url", "unread"} or {"gone": [tags], "unread"}.
 */
import { worker, type PageClient } from "./scope";

type Said = { title?: string; body?: string; tag?: string; url?: string; unread?: number; gone?: string[] };

async function close(tags: string[]): Promise<void> {
  for (const shown of await worker.registration.getNotifications()) if (tags.includes(shown.tag)) shown.close();
}

function badge(unread: number | undefined): void {
  if (unread === undefined) return;
  const set = unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
  void set?.catch(() => undefined);
}

async function show(said: Said): Promise<void> {
  badge(said.unread);
  if (said.gone) return close(said.gone);
  if (!said.title) return;
  await worker.registration.showNotification(said.title, {
    body: said.body ?? "",
    tag: said.tag ?? "",
    data: { url: said.url ?? "/" },
    ...{ renotify: Boolean(said.tag) },
  });
}

/** Only pages of this desk: an address that leads elsewhere leads to the start. */
function ours(written: unknown): string {
  const url = new URL(typeof written === "string" ? written : "/", worker.location.origin);
  return url.origin === worker.location.origin ? url.href : worker.location.origin;
}

async function lead(url: string): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const best: PageClient | undefined = pages.find((page) => page.url === url) ?? pages.find((page) => page.focused) ?? pages[0];
  if (!best) {
    await worker.clients.openWindow(url);
    return;
  }
  await best.focus();
  if (best.url === url) return;
  // A page that is not ours to steer yet is left as it is.
  await best.navigate(url).catch(() => worker.clients.openWindow(url));
}

export function takePushes(): void {
  worker.addEventListener("push", (event) => {
    let said: Said = {};
    try {
      said = (event.data?.json() ?? {}) as Said;
    } catch {
      // Not one of ours.
    }
    event.waitUntil(show(said));
  });
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const data = event.notification.data as { url?: string } | null;
    event.waitUntil(lead(ours(data?.url)));
  });
}
