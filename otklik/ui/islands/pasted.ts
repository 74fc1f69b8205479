/** What other programs put on the clipboard, reduced to the words and the marks the editor knows. */
const DROPPED = "script, style, meta, link, title, head, object, embed, iframe, form, input, button, svg, o\\:p, img[src^='file:'], img[src^='cid:'], img[src^='data:'], img[src^='http:'], img[src^='https:']";
const KEPT = new Set(["href", "src", "alt", "start", "data-ref"]);

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
  page.querySelectorAll("tr").forEach((row) => {
    const line = page.createElement("p");
    line.textContent = [...row.cells].map((cell) => cell.textContent?.trim() ?? "").join("  ");
    row.replaceWith(line);
  });
  page.body.querySelectorAll("*").forEach((element) => {
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
  });
  return page.body.innerHTML;
}
