/** This browser as a device that takes web push. */
const OWNER = "otklik-push-person";

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return "serviceWorker" in navigator ? navigator.serviceWorker.getRegistration("/") : undefined;
}

/** What was read takes its notification of the system away. `things` are those still unread. */
export async function closeRead(things: string[]): Promise<void> {
  const worker = await registration().catch(() => undefined);
  const shown = (await worker?.getNotifications().catch(() => [])) ?? [];
  for (const each of shown) {
    const isNeeded = each.tag === "test" || things.includes(each.tag) || (each.tag === "all" && things.some(Boolean));
    if (!isNeeded) each.close();
  }
}

/** Somebody else signed in at this browser: what is pushed to the one before is not for them. */
export async function leaveStranger(person: string): Promise<void> {
  const owner = localStorage.getItem(OWNER);
  if (!owner || owner === person) return;
  const subscription = await (await registration().catch(() => undefined))?.pushManager?.getSubscription();
  await subscription?.unsubscribe().catch(() => false);
  localStorage.removeItem(OWNER);
}

export function own(person: string): void {
  localStorage.setItem(OWNER, person);
}
