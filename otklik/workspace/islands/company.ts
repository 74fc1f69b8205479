/** Small signs in the list of who else is in a ticket: #here brings them, rows wear them. */
function wear(): void {
  const here = document.getElementById("here");
  if (!here) return;
  for (const row of document.querySelectorAll<HTMLElement>("#list .row")) {
    const sign = here.querySelector<HTMLTemplateElement>(`template[data-ticket="${row.dataset.id}"]`);
    const fresh = sign?.content.firstElementChild ?? null;
    const worn = row.querySelector(".row-here");
    if (worn?.outerHTML === fresh?.outerHTML) continue;
    worn?.remove();
    if (fresh) row.querySelector(".row-end")?.before(fresh.cloneNode(true));
  }
}

// The rows came with their signs; only what changes later is worn anew.
document.addEventListener("ui:live", (event) => {
  if ((event.target as HTMLElement).id === "here") wear();
});

export {};
