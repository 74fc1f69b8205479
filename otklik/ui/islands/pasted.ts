/** What other programs put on the clipboard, reduced to the words and the marks the editor knows. */
const DROPPED = "script, style, meta, link, title, head, object, embed, iframe, form, input, button, svg, o\\:p, img[src^='file:'], img[src^='cid:'], img[src^='data:'], img[src^='http:'], img[src^='https:']";
const KEPT = new Set(["href", "src", "alt", "start", "data-ref", "colspan", "rowspan"]);
const MOST_CELLS = 3000;

export function cleanPasted(html: string): string {
  // The page's policy speaks up about these even in what is only parsed: read them as data.
  const inert = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\s(style|on[a-z]+)\s*=/gi, " data-$1=");
  const page = new DOMParser().parseFromString(inert, "text/html");
  page.querySelectorAll(DROPPED).forEach((element) => element.remove());
  page.querySelectorAll<HTMLElement>("b, span, p, div").forEach((element) => {
    const weight = /font-weight:\s*(\w+)/i.exec(element.dataset.style ?? "")?.[1] ?? "";
    if (element.localName === "b" && weight === "normal") element.replaceWith(...element.childNodes);
    else if (element.localName === "span" && (weight === "bold" || Number(weight) >= 600)) {
      const strong = page.createElement("strong");
      strong.append(...element.childNodes);
      element.replaceWith(strong);
    }
  });
  page.querySelectorAll("h1, h2, h3, h4, h5, h6").forEach((heading) => {
    const line = page.createElement("p");
    const strong = page.createElement("strong");
    strong.append(...heading.childNodes);
    line.append(strong);
    heading.replaceWith(line);
  });
  // From within: what stood around a table for the sake of its looks goes.
  [...page.querySelectorAll("table")].reverse().forEach((table) => (isOfData(table) ? tidy(table) : unfold(table)));
  page.body.querySelectorAll("*").forEach((element) => {
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
  });
  return page.body.innerHTML;
}


/** Rows and columns of facts, not the frame of a newsletter. */
function isOfData(table: HTMLTableElement): boolean {
  const rows = [...table.rows];
  const cells = rows.reduce((sum, row) => sum + row.cells.length, 0);
  return !table.querySelector("table") && cells <= MOST_CELLS && rows.some((row) => row.cells.length > 1);
}

function tidy(table: HTMLTableElement): void {
  table.querySelectorAll("caption, colgroup, col").forEach((part) => part.remove());
  table.querySelectorAll("tr").forEach((row) => {
    if (!row.cells.length) row.remove();
  });
  table.querySelectorAll<HTMLTableCellElement>("td, th").forEach((cell) => {
    if (!cell.textContent?.trim() && !cell.querySelector("img")) cell.replaceChildren();
  });
}

function unfold(table: HTMLTableElement): void {
  const page = table.ownerDocument;
  const lines = [...table.rows].map((row) => {
    const line = page.createElement("div");
    const isPlain = [...row.cells].every((cell) => !cell.querySelector("p, div, table, ul, ol, blockquote, img"));
    if (isPlain) line.textContent = [...row.cells].map((cell) => cell.textContent?.trim() ?? "").join("  ");
    else line.append(...[...row.cells].flatMap((cell) => [...cell.childNodes]));
    return line;
  });
  table.replaceWith(...lines);
}
