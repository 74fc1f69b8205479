/**
 * Files by drop, paste or choice. <div data-drop> holds an <input type="file">; what is dropped or
 * pasted inside joins it. With `data-upload="/uploads/"` each file is sent at once and the answer
 * (an HTML fragment) is put into the element named by `data-upload-target`; `beforeend`.
 */
import { onContent } from "./content";
import { fetched } from "./fetched";
import { csrf, enliven } from "./hypertext";
import { toast } from "./toast";
import { word } from "./words";

/** Where the chips of a zone's files are put. */
const shelfOf = (zone: HTMLElement): Element =>
  (zone.dataset.uploadTarget ? document.querySelector(zone.dataset.uploadTarget) : null) ?? zone;
const inputOf = (zone: Element) => zone.querySelector<HTMLInputElement>('input[type="file"]');

const HEAVY = 1_500_000;
const isPhoto = (file: File) => file.size > HEAVY && ["image/jpeg", "image/png", "image/webp"].includes(file.type);
const onTheMove = () =>
  window.matchMedia("(pointer: coarse)").matches || Boolean((navigator as { connection?: { saveData?: boolean } }).connection?.saveData);

/** Where the line is cut even this part of the page may not come: then the file goes as it is. */
const lightened = (file: File): Promise<File> =>
  fetched(() => import("./lazy/photos")).then(({ lighten }) => lighten(file)).catch(() => file);

/** Sends one file and says how far it is. Raises "tooLarge" or "failed". */
function send(url: string, body: FormData, progress: (part: number) => void): Promise<string> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => total && progress(loaded / total));
    request.addEventListener("load", () => {
      const isAnswered = (request.status >= 200 && request.status < 300) || request.status === 422;
      if (isAnswered) done(request.responseText);
      else failed(new Error(request.status === 413 ? "tooLarge" : "failed"));
    });
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => failed(new Error("failed")));
    request.send(body);
  });
}

/** Whether the server would refuse it: then it is said before a byte is sent. */
export function isTooLarge(file: File): boolean {
  const largest = Number(word("largestFile"));
  if (!largest || file.size <= largest) return false;
  toast({ text: word("largerFile", file.name) });
  return true;
}

async function upload(zone: HTMLElement, file: File): Promise<void> {
  if (!isPhoto(file) && isTooLarge(file)) return;
  const target = shelfOf(zone);
  const chip = document.createElement("span");
  chip.className = "chip upload-waiting";
  chip.setAttribute("role", "status");
  const ring = document.createElement("span");
  ring.className = "spinner";
  ring.setAttribute("aria-label", word("uploading"));
  const name = document.createElement("bdi");
  name.className = "truncate";
  name.textContent = file.name;
  const part = document.createElement("span");
  part.className = "quiet number";
  part.setAttribute("aria-hidden", "true");
  chip.append(ring, name, part);
  target.append(chip);
  try {
    const lighter = isPhoto(file) && onTheMove() ? await lightened(file) : file;
    const body = new FormData();
    body.append(inputOf(zone)?.name || "file", lighter, lighter.name);
    const answer = await send(zone.dataset.upload!, body, (done) => (part.textContent = `${Math.floor(done * 100)} %`));
    const made = document.createElement("template");
    made.innerHTML = answer;
    const elements = [...made.content.children];
    chip.replaceWith(made.content);
    enliven(elements);
    zone.dispatchEvent(new CustomEvent("ui:uploaded", { bubbles: true }));
  } catch (error) {
    const why = (error as Error).message;
    toast({ text: `${file.name}: ${word(why) || word("failed")}` });
    if (why === "tooLarge") chip.remove();
    else offerAgain(zone, file, chip, ring, part);
  }
}

/** The line broke: the file stays where it is and goes again at a press. */
function offerAgain(zone: HTMLElement, file: File, chip: HTMLElement, ring: Element, part: Element): void {
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button button-link";
  again.textContent = word("again");
  again.addEventListener("click", () => {
    chip.remove();
    void upload(zone, file);
  });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "badge-remove";
  remove.setAttribute("aria-label", word("remove", file.name));
  remove.textContent = "×";
  remove.addEventListener("click", () => chip.remove());
  ring.remove();
  part.replaceWith(again, remove);
}

function takeFiles(zone: HTMLElement, files: Iterable<File>): void {
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

// What is sent without its file would have to be sent twice.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLElement;
    const zone = form.matches("[data-drop]") ? form : form.querySelector<HTMLElement>("[data-drop]");
    if (!zone || !shelfOf(zone).querySelector(".upload-waiting")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast({ text: word("notUploaded") });
  },
  true,
);

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
