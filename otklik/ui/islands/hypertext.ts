/** htmx under a strict policy, with morphing swaps (`hx-swap="morph"`) and plain words on failure. */
import htmx from "htmx.org";
import { announceContent } from "./content";
import { morph } from "./morph";
import { ended, renew } from "./session";
import { toast } from "./toast";
import { word } from "./words";

htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollIntoViewOnBoost = false;
htmx.config.defaultSettleDelay = 0;
// Not "style": the policy of the page refuses what is set by an attribute.
htmx.config.attributesToSettle = ["class", "width", "height"];
htmx.config.timeout = 30_000;
// A form with errors comes back as 422 and is shown where it was; a conflict (409) likewise.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "(409|422)", swap: true, error: false },
  { code: "[45]..", swap: false, error: true },
];

type Asked = { verb: string; headers: Record<string, string>; parameters: Record<string, unknown>; triggeringEvent?: Event };
type Fragment = { childNodes: NodeListOf<ChildNode>; firstElementChild: Element | null };

type Heard = { on: EventTarget; trigger: string; listener: EventListener };
type Inside = { getInternalData: (element: Element) => { listenerInfos?: Heard[] } };
let inside: Inside | undefined;

/** What goes is heard of nowhere else any more (`from:body`); timers look for themselves. */
function unhear(root: Element): void {
  for (const element of root.querySelectorAll("[hx-trigger*='from:']")) {
    for (const { on, trigger, listener } of inside?.getInternalData(element).listenerInfos ?? []) on.removeEventListener(trigger, listener);
  }
}

htmx.defineExtension("morph", {
  init: (api: unknown) => (inside = api as Inside),
  isInlineSwap: (style: string) => style.startsWith("morph"),
  handleSwap: (style: string, target: Node, fragment: Node) => {
    // In one step. htmx's own way sends an event from every element that goes and takes the children
    // off one by one: a third of the work when a ticket opens.
    if (style === "innerHTML") {
      unhear(target as Element);
      const content = [...fragment.childNodes];
      (target as Element).replaceChildren(...content);
      return content;
    }
    if (!style.startsWith("morph")) return false;
    const inner = style === "morph:innerHTML";
    const content = inner ? fragment : ((fragment as unknown as Fragment).firstElementChild ?? fragment);
    return morph(target as Element, content, inner ? "innerHTML" : "outerHTML");
  },
} as never);

/** What came otherwise than by a swap of htmx gets its behaviour. */
function enliven(nodes: Iterable<Node>): void {
  for (const node of nodes) {
    if (!(node instanceof HTMLElement)) continue;
    htmx.process(node);
    announceContent(node);
  }
}

/** A POST of ours, as a form of the page would send it; it goes also while the page goes. */
function post(url: string, values: Record<string, string> = {}): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" }, keepalive: true });
}

const csrf = () => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  const { detail } = event as CustomEvent<Asked>;
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrf();
  // The button that was pressed has its say, also from outside its form and from a menu: htmx forgets
  // it as the menu closes and the focus goes back to what opened it.
  const button = detail.triggeringEvent instanceof SubmitEvent ? detail.triggeringEvent.submitter : null;
  if (button instanceof HTMLButtonElement && button.name) detail.parameters[button.name] = button.value;
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
  const { status } = xhr;
  if (status === 401) ended();
  // Signed in anew in another tab: the page takes up the new token, and the person presses again.
  else if (xhr.getResponseHeader("X-Problem") === "csrf") void renew().then((is) => (is ? toast({ text: word("repeat") }) : ended()));
  else if (status === 403) toast({ text: word("forbidden") });
  else if (status === 413) toast({ text: word("tooLarge") });
  else toast({ text: word("failed") });
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast({ text: word("failed") }));
}

// What was refused is brought into sight: the page is long, and its words stand in one place of it.
document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
  if (xhr.status !== 409 && xhr.status !== 422) return;
  window.requestAnimationFrame(() => {
    const said = [...document.querySelectorAll<HTMLElement>('[role="alert"]')].filter((one) => one.checkVisibility());
    const isSeen = (one: HTMLElement) => {
      const { top, bottom } = one.getBoundingClientRect();
      return top >= 0 && bottom <= window.innerHeight;
    };
    if (!said.some(isSeen)) said[0]?.scrollIntoView({ block: "center" });
  });
});

export { csrf, enliven, htmx, post };
