/** Translated words for scripts, from <template id="ui-words" data-…>. */
export function word(name: string, value = ""): string {
  const holder = document.getElementById("ui-words");
  return (holder?.dataset[name] ?? "").replace("%s", value);
}
