/**
 * Files by drop, paste or choice. <div data-drop> holds an <input type="file">; what is dropped or
 * pasted inside joins it. With `data-upload="/uploads/"` each file is sent at once and the answer
 * (an HTML fragment) is put into the element named by `data-upload-target`; `beforeend`.
 */
import { announceContent, onContent } from "./content";
import { csrf, htmx } from "./hypertext";
import { toast } from "./toast";
import { word } from "./words";

const inputOf = (zone: Element) => zone.querySelector<HTMLInputElement>('input[type="file"]');

async function upload(zone: HTMLElement, file: File): Promise<void> {
  const target = document.querySelector(zone.dataset.uploadTarget ?? "") ?? zone;
  const chip = document.createElement("span");
  chip.className = "chip";
  chip.setAttribute("role", "status");
  const ring = document.createElement("span");
  ring.className = "spinner";
  ring.setAttribute("aria-label", word("uploading"));
  chip.append(ring, file.name);
  target.append(chip);
  const body = new FormData();
  body.append(inputOf(zone)?.name || "file", file, file.name);
  try {
    const response = await fetch(zone.dataset.upload!, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    const answer = await response.text();
    if (!response.ok && response.status !== 422) throw new Error(response.status === 413 ? "tooLarge" : "failed");
    const made = document.createElement("template");
    made.innerHTML = answer;
    const elements = [...made.content.children];
    chip.replaceWith(made.content);
    for (const element of elements) {
      htmx.process(element);
      announceContent(element);
    }
    zone.dispatchEvent(new CustomEvent("ui:uploaded", { bubbles: true }));
  } catch (error) {
    chip.remove();
    toast({ text: `${file.name}: ${word((error as Error).message) || word("failed")}` });
  }
}

export function takeFiles(zone: HTMLElement, files: Iterable<File>): void {
  const input = inputOf(zone);
  if (zone.dataset.upload) {
    for (const file of files) void upload(zone, file);
    if (input) input.value = "";
    return;
  }
  if (!input) return;
  const all = new DataTransfer();
  if (input.multiple) for (const file of input.files ?? []) all.items.add(file);
  for (const file of files) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

const zoneOf = (event: Event) => (event.target as HTMLElement).closest?.<HTMLElement>("[data-drop]");

document.addEventListener("dragover", (event) => {
  const zone = zoneOf(event);
  if (!zone || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  zone.classList.add("is-dropping");
});
for (const name of ["dragleave", "drop", "dragend"]) {
  document.addEventListener(name, (event) => zoneOf(event)?.classList.remove("is-dropping"));
}
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone || !event.dataTransfer?.files.length || event.defaultPrevented) return;
  event.preventDefault();
  takeFiles(zone, event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const zone = zoneOf(event);
  if (!zone || !event.clipboardData?.files.length || event.defaultPrevented) return;
  event.preventDefault();
  takeFiles(zone, event.clipboardData.files);
});
document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  const zone = input.matches?.('[data-drop] input[type="file"]') ? zoneOf(event) : null;
  if (zone?.dataset.upload && input.files?.length) takeFiles(zone, [...input.files]);
  if (zone && !zone.dataset.upload) listNames(zone, input);
});

function listNames(zone: HTMLElement, input: HTMLInputElement): void {
  const list = zone.querySelector("[data-file-names]");
  list?.replaceChildren(
    ...[...(input.files ?? [])].map((file) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.textContent = file.name;
      return chip;
    }),
  );
}

onContent((root) => {
  root.querySelectorAll<HTMLElement>("button[data-choose]").forEach((button) => (button.hidden = false));
});
document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("button[data-choose]");
  if (button) (document.getElementById(button.dataset.choose!) as HTMLInputElement | null)?.click();
});
