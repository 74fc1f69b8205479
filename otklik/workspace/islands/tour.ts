/**
 * [data-island="tour"] data-src="/help/tour/": begins at #tour in the address or [data-tour-start].
 * Shows one thing of the desk after another; nothing is locked, Esc leaves. A step whose thing is
 * not in sight is left out.
 */
import { post } from "../../ui/islands/hypertext";
import { place } from "../../ui/islands/overlays";

type Step = { anchor: string; opens: string; title: string; text: string };

/** A slow line's: what was opened is worth waiting for. */
const PATIENCE = 15_000;

/** No keys at hand: a finger, or a screen of a phone's width. */
const isTouched = () => window.matchMedia("(pointer: coarse), (width < 768px)").matches;

function inSight(selector: string): HTMLElement | undefined {
  return [...document.querySelectorAll<HTMLElement>(selector)].find((element) => {
    const box = element.getBoundingClientRect();
    const shown = element.checkVisibility({ visibilityProperty: true } as never);
    return shown && box.width > 0 && box.height > 0 && box.left < window.innerWidth && box.right > 0;
  });
}

async function waitFor(selector: string): Promise<HTMLElement | undefined> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const found = inSight(selector);
    if (found || Date.now() > until) return found;
    await new Promise((done) => window.setTimeout(done, 60));
  }
}

class Tour {
  private at = -1;
  private first = -1;
  private readonly steps: Step[];
  private readonly ring = document.createElement("div");
  private anchor: HTMLElement | undefined;
  private readonly follow = () => this.put();

  constructor(private readonly card: HTMLElement, private readonly opener: HTMLElement | null) {
    this.steps = [...card.querySelectorAll<HTMLTemplateElement>("[data-step]")].map(({ dataset }) => ({
      anchor: dataset.anchor!, opens: dataset.opens ?? "", title: dataset.title!,
      text: (isTouched() && dataset.touched) || dataset.text!,
    }));
    this.ring.className = "tour-ring";
    document.body.append(this.ring, card);
    card.querySelector("[data-tour-next]")!.addEventListener("click", () => void this.go(1));
    card.querySelector("[data-tour-back]")!.addEventListener("click", () => void this.go(-1));
    card.querySelector("[data-tour-leave]")!.addEventListener("click", () => this.leave());
    card.addEventListener("keydown", (event) => {
      if (event.key === "ArrowRight") void this.go(1);
      else if (event.key === "ArrowLeft") void this.go(-1);
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", this.escape);
    window.addEventListener("resize", this.follow);
    document.addEventListener("scroll", this.follow, true);
  }

  private readonly escape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open], :popover-open:not(.tip)")) return;
    event.preventDefault();
    this.leave();
  };

  /** To the next step in this direction that has something in sight. */
  async go(direction: number): Promise<void> {
    for (let to = this.at + direction; to >= 0 && to < this.steps.length; to += direction) {
      const step = this.steps[to]!;
      const door = step.opens && !inSight(step.anchor) ? inSight(step.opens) : undefined;
      door?.click();
      const anchor = door ? await waitFor(step.anchor) : inSight(step.anchor);
      if (!this.card.isConnected) return;
      if (anchor) {
        this.show(to, anchor);
        return;
      }
    }
    if (direction > 0) this.leave();
  }

  private show(to: number, anchor: HTMLElement): void {
    const step = this.steps[to]!;
    if (this.first < 0) this.first = to;
    this.at = to;
    this.anchor = anchor;
    this.card.querySelector("#tour-title")!.textContent = step.title;
    this.card.querySelector("#tour-text")!.textContent = step.text;
    this.card.querySelector("[data-tour-place]")!.textContent = `${to + 1} / ${this.steps.length}`;
    const next = this.card.querySelector<HTMLElement>("[data-tour-next]")!;
    next.textContent = to + 1 < this.steps.length ? next.dataset.more! : next.dataset.last!;
    this.card.querySelector<HTMLElement>("[data-tour-back]")!.hidden = to <= this.first;
    anchor.scrollIntoView({ block: "nearest" });
    this.put();
    this.card.focus({ preventScroll: true });
  }

  private put(): void {
    if (!this.anchor?.isConnected) this.anchor = this.at >= 0 ? inSight(this.steps[this.at]!.anchor) : undefined;
    const box = this.anchor?.getBoundingClientRect();
    this.ring.hidden = !box;
    if (!box || !this.anchor) return;
    const top = Math.max(2, box.top - 3);
    const left = Math.max(2, box.left - 3);
    this.ring.style.top = `${top}px`;
    this.ring.style.left = `${left}px`;
    this.ring.style.width = `${Math.min(window.innerWidth - 2, box.right + 3) - left}px`;
    this.ring.style.height = `${Math.min(window.innerHeight - 2, box.bottom + 3) - top}px`;
    place(this.card, this.anchor);
  }

  leave(): void {
    document.removeEventListener("keydown", this.escape);
    window.removeEventListener("resize", this.follow);
    document.removeEventListener("scroll", this.follow, true);
    void post(this.card.dataset.url!);
    document.querySelectorAll("[data-tour-offer]").forEach((offer) => offer.remove());
    this.card.remove();
    this.ring.remove();
    if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
  }
}

export default function tour(holder: HTMLElement): void {
  const begin = async (opener: HTMLElement | null) => {
    if (document.getElementById("tour")) return;
    const response = await fetch(holder.dataset.src!, { headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) return;
    const made = document.createElement("template");
    made.innerHTML = await response.text();
    const card = made.content.querySelector<HTMLElement>("#tour");
    if (card) void new Tour(card, opener).go(1);
  };
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const starter = target.closest<HTMLElement>("[data-tour-start]");
    if (starter && document.getElementById("rows")) {
      event.preventDefault();
      void begin(starter);
    }
    const refused = target.closest("[data-tour-no]");
    if (refused) {
      event.preventDefault();
      void post(holder.dataset.src!);
      refused.closest("[data-tour-offer]")?.remove();
    }
  });
  if (location.hash === "#tour") {
    history.replaceState(history.state, "", location.pathname + location.search);
    void begin(null);
  }
}
