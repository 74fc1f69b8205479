/** The filter dialog: a text that was read is nobody's half-typed work any more. */
export default function filters(element: HTMLElement): void {
  element.addEventListener("htmx:afterSettle", () => {
    element.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>("textarea, .query-field").forEach((field) => (field.defaultValue = field.value));
  });
}
