/**
 * The board: cards are dragged to another column, or moved there from the keyboard with Shift and an
 * arrow; plain arrows go from card to card. Dropping posts the move with the column the card was
 * seen in; the answer is the board as it is now, whoever was first.
 */
import { htmx } from "../../ui/islands/hypertext";
import { hearOutside } from "../../ui/islands/outside";

const cardsOf = (column: Element | null) => [...(column?.querySelectorAll<HTMLElement>(".board-card") ?? [])];

export default function board(element: HTMLElement): void {
  let dragged: HTMLElement | undefined;
  let moved: string | undefined;
  const columns = () => [...element.querySelectorAll<HTMLElement>(".board-column")];
  const mark = (over?: Element | null) => columns().forEach((column) => column.classList.toggle("board-over", column === over));

  const move = (card: HTMLElement, column: HTMLElement | undefined) => {
    if (!column || column.dataset.column === card.dataset.was) return;
    moved = card.id;
    card.classList.add("board-leaving");
    void htmx.ajax("post" as never, `/tickets/${card.dataset.number}/board/?${element.dataset.query ?? ""}`, {
      source: element,
      target: element,
      swap: "morph" as never,
      values: { to: column.dataset.column, was: card.dataset.was },
    });
  };

  element.addEventListener("dragstart", (event) => {
    dragged = (event.target as HTMLElement).closest<HTMLElement>(".board-card") ?? undefined;
    if (!dragged || !event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.number ?? "");
    dragged.classList.add("board-dragged");
  });
  element.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    mark((event.target as HTMLElement).closest(".board-column"));
  });
  element.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    move(dragged, (event.target as HTMLElement).closest<HTMLElement>(".board-column") ?? undefined);
  });
  element.addEventListener("dragend", () => {
    dragged?.classList.remove("board-dragged");
    dragged = undefined;
    mark();
  });

  element.addEventListener("keydown", (event) => {
    const card = (event.target as HTMLElement).closest<HTMLElement>(".board-card");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (!card || (!step && !["ArrowUp", "ArrowDown"].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    const all = columns();
    const at = all.findIndex((column) => column.contains(card));
    if (event.shiftKey && step) {
      move(card, all[at + step]);
      return;
    }
    const here = cardsOf(all[at] ?? null);
    if (step) {
      for (let to = at + step; to >= 0 && to < all.length; to += step) {
        const cards = cardsOf(all[to] ?? null);
        const next = cards[Math.min(here.indexOf(card), cards.length - 1)];
        if (!next) continue;
        next.querySelector<HTMLElement>("a")?.focus();
        return;
      }
      return;
    }
    here[here.indexOf(card) + (event.key === "ArrowDown" ? 1 : -1)]?.querySelector<HTMLElement>("a")?.focus();
  });

  hearOutside(element, document, "board:moved", (event) => {
    moved ??= `card-${(event as CustomEvent<{ id: number }>).detail.id}`;
  });

  // The card that was moved keeps the focus where it went.
  hearOutside(element, document, "htmx:afterSettle", () => {
    element.querySelectorAll(".board-leaving").forEach((card) => card.classList.remove("board-leaving"));
    if (!moved || !element.isConnected) return;
    document.getElementById(moved)?.querySelector<HTMLElement>("a")?.focus({ preventScroll: false });
    moved = undefined;
  });
}
