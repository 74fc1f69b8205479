/** Pictures pasted or dropped into the text: a place with its progress, then the picture itself. */
import type { Editor } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { isTooLarge } from "../files";
import { csrf } from "../hypertext";
import { toast } from "../toast";
import { word } from "../words";

type Change = { add?: { id: number; at: number; element: HTMLElement }; remove?: number };
type Uploaded = { url: string; name?: string; title?: string };

const key = new PluginKey<DecorationSet>("pictures");
const PICTURE = /^image\/(png|jpeg|gif|webp)$/;
let last = 0;

export function pictures(): Plugin {
  return new Plugin<DecorationSet>({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(change, known) {
        const set = known.map(change.mapping, change.doc);
        const told = change.getMeta(key) as Change | undefined;
        if (told?.add) return set.add(change.doc, [Decoration.widget(told.add.at, told.add.element, { id: told.add.id })]);
        if (told?.remove) return set.remove(set.find(undefined, undefined, (spec) => spec.id === told.remove));
        return set;
      },
    },
    props: { decorations: (state) => key.getState(state) },
  });
}

/** The pictures of a paste or drop, when it is pictures: a text that brings its own likeness is text. */
export function picturesOf(data: DataTransfer | null): File[] {
  const files = [...(data?.files ?? [])];
  const found = files.filter((file) => PICTURE.test(file.type));
  if (!found.length || found.length !== files.length) return [];
  const html = data?.getData("text/html") ?? "";
  const words = html && new DOMParser().parseFromString(html.replace(/<(style|img)\b[^>]*>/gi, ""), "text/html").body.textContent?.trim();
  return words ? [] : found;
}

export function insertPicture(editor: Editor, url: string, file: File, at: number): void {
  if (isTooLarge(file)) return;
  const id = ++last;
  const place = document.createElement("span");
  place.className = "editor-upload";
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `${word("uploading")}: ${file.name}`);
  place.append(bar, file.name);
  tell(editor, { add: { id, at, element: place } });
  const body = new FormData();
  body.append("file", file, file.name || "picture.png");
  body.append("inline", "1");
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("X-CSRFToken", csrf());
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = total ? (100 * loaded) / total : 0));
  request.addEventListener("loadend", () => {
    if (editor.isDestroyed) return;
    const found = key.getState(editor.state)?.find(undefined, undefined, (spec) => spec.id === id)[0];
    tell(editor, { remove: id });
    const answer = read(request);
    if (request.status < 300 && answer?.url && found) {
      editor.chain().insertContentAt(found.from, { type: "image", attrs: { src: answer.url, alt: answer.name ?? file.name } }).run();
    } else toast({ text: `${file.name}: ${answer?.title || word(request.status === 413 ? "tooLarge" : "failed")}` });
  });
  request.send(body);
}

function tell(editor: Editor, change: Change): void {
  editor.view.dispatch(editor.state.tr.setMeta(key, change).setMeta("addToHistory", false));
}

function read(request: XMLHttpRequest): Uploaded | null {
  try {
    return JSON.parse(request.responseText) as Uploaded;
  } catch {
    return null;
  }
}
