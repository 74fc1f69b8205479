/**
 * A reply that is about to leave: counts its seconds down by this page's own clock, which may be
 * wrong, from the time left that the server gave; at zero the talk is asked for anew.
 */
const ended = new WeakSet<HTMLElement>();

export default function waiting(root: HTMLElement): void {
  let until = performance.now() + Number(root.dataset.secondsLeft ?? 0) * 1000;
  let given = root.dataset.secondsLeft;
  let asked = 0;
  const tick = window.setInterval(() => {
    if (!root.isConnected) {
      window.clearInterval(tick);
      return;
    }
    if (root.dataset.secondsLeft !== given) {
      given = root.dataset.secondsLeft;
      until = performance.now() + Number(given ?? 0) * 1000;
    }
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    const shown = root.querySelector<HTMLElement>("[data-left]");
    const words = `${left}\u00a0${document.documentElement.lang.startsWith("ru") ? "с" : "s"}`;
    if (shown && shown.textContent !== words) shown.textContent = words;
    if (left > 0 || ended.has(root)) return;
    // It leaves within a moment; a desk that restarts may need some more.
    if (performance.now() - asked > 1500) {
      asked = performance.now();
      document.body.dispatchEvent(new CustomEvent("ticket:changed"));
    }
  }, 250);
}
