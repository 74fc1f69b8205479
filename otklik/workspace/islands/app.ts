/** [data-island="app"] data-worker="/service-worker.js": what an installed desk has beside its pages. */
export default function app(element: HTMLElement): void {
  if (!("serviceWorker" in navigator)) return;
  // After everything the page itself needs.
  window.setTimeout(() => void navigator.serviceWorker.register(element.dataset.worker!, { scope: "/" }).catch(() => undefined), 1500);
}
