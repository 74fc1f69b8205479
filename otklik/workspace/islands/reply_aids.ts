/**
 * Beside the composer: a colleague named in a reply asks whether it should be a note, and what the
 * checks found before it leaves is underlined in the text.
 */
type Editor = HTMLElement & { set?: (html: string) => void; focus: () => void; flush?: () => void; point?: (quotes: string[]) => void };

export default function replyAids(root: HTMLElement): void {
  const form = root.querySelector<HTMLFormElement>("#composer-form");
  const editor = root.querySelector<Editor>("ok-editor");
  const notice = root.querySelector<HTMLElement>("#composer-notice");
  if (!form || !editor || !notice) return;
  let hasAsked = false;

  root.addEventListener("ui:inserted", (event) => {
    const { ref } = (event as CustomEvent<{ ref: string }>).detail;
    if (!/^(person|team):/.test(ref) || root.dataset.mode !== "public" || hasAsked) return;
    const kept = document.getElementById("mention-question") as HTMLTemplateElement | null;
    if (!kept || !form.querySelector('[name="kind"][value="note"]')) return;
    hasAsked = true;
    notice.replaceChildren(kept.content.cloneNode(true));
  });

  // The name was taken out again: there is nothing to ask.
  form.addEventListener("input", () => {
    if (!notice.querySelector("[data-mention]") || /data-ref="(person|team):/.test(editor.querySelector("textarea")?.value ?? "")) return;
    hasAsked = false;
    notice.replaceChildren();
  });

  notice.addEventListener("click", (event) => {
    const chosen = (event.target as HTMLElement).closest<HTMLElement>("[data-mention]")?.dataset.mention;
    if (!chosen) return;
    notice.replaceChildren();
    if (chosen === "note") becomeNote();
    editor.focus();
  });

  /** The text goes over to the note, after what stands there already; nothing is left to be sent. */
  function becomeNote(): void {
    editor!.flush?.();
    const area = form!.querySelector<HTMLTextAreaElement>('textarea[name="html"]')!;
    const written = area.value;
    const radio = form!.querySelector<HTMLInputElement>('[name="kind"][value="note"]')!;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    if (area.value !== written) editor!.set?.(area.value + written);
  }

  // Each mailbox has its own words below the reply.
  form.addEventListener("change", (event) => {
    const field = event.target as HTMLSelectElement;
    if (field.name !== "from") return;
    form.querySelectorAll<HTMLElement>("[data-signature]").forEach((one) => (one.hidden = one.dataset.signature !== field.value));
  });

  notice.addEventListener("click", (event) => {
    if (!(event.target as HTMLElement).closest("[data-look-again]")) return;
    notice.replaceChildren();
    editor.focus();
  });

  // What was found is pointed at wherever the notice about it stands.
  const look = () => {
    const quotes = [...notice.querySelectorAll<HTMLElement>("[data-quote]")].map((found) => found.dataset.quote!);
    editor.point?.(quotes);
  };
  new MutationObserver(look).observe(notice, { childList: true });
}
