/** Adds this browser as a device: asks for leave only when the button is pressed. */
import { post } from "../../ui/islands/hypertext";
import { own } from "../notices/devices";

const bytes = (key: string) => Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const written = (key: ArrayBuffer | null) =>
  btoa(String.fromCharCode(...new Uint8Array(key ?? new ArrayBuffer(0)))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** A name that tells devices apart: the browser's and the system's. */
function nameOf(): string {
  const agent = navigator.userAgent;
  const browser = ["Edg", "OPR", "YaBrowser", "Firefox", "Chrome", "Safari"].find((each) => agent.includes(each)) ?? "";
  const called = { Edg: "Edge", OPR: "Opera", YaBrowser: "Yandex" }[browser] ?? browser;
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1]?.replace("Mac OS X", "macOS") ?? "";
  return [called, system].filter(Boolean).join(", ");
}

async function subscribe(element: HTMLElement): Promise<PushSubscription> {
  const worker = await navigator.serviceWorker.register(element.dataset.worker!, { scope: "/" });
  await navigator.serviceWorker.ready;
  const { key } = (await (await post(element.dataset.keyUrl!, {})).json()) as { key: string };
  const known = await worker.pushManager.getSubscription();
  // One made for another key, or for whoever was signed in before, would only fail.
  await known?.unsubscribe().catch(() => false);
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
}

export default function pushDevice(element: HTMLElement): void {
  const button = element.querySelector<HTMLButtonElement>("[data-push-add]")!;
  const says = element.querySelector<HTMLElement>("[data-push-says]")!;
  const say = (name: string) => {
    says.textContent = element.dataset[name] ?? "";
  };
  if (!window.isSecureContext) return say("insecure");
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return say("none");
  if (Notification.permission === "denied") say("denied");
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    void add().finally(() => {
      button.disabled = false;
    });
  });

  async function add(): Promise<void> {
    if ((await Notification.requestPermission()) !== "granted") return say("denied");
    try {
      const made = await subscribe(element);
      const told = { endpoint: made.endpoint, p256dh: written(made.getKey("p256dh")), auth: written(made.getKey("auth")) };
      const answer = await post(element.dataset.addUrl!, { ...told, name: nameOf() });
      if (answer.ok) {
        own(element.dataset.person ?? "");
        location.reload();
      } else says.textContent = answer.status === 422 ? await answer.text() : (element.dataset.failed ?? "");
    } catch {
      say("failed");
    }
  }
}
