/**
 * On somebody else's site: <script src="…/embed.js" data-form="https://desk.example/embed/token/" async>
 * puts the form's frame in place of the script and keeps its height. No cookies, no globals.
 */
const script = document.currentScript as HTMLScriptElement | null;
const address = script?.dataset.form;
if (script && address) {
  const frame = document.createElement("iframe");
  frame.src = address;
  frame.title = script.dataset.title ?? "";
  frame.loading = "lazy";
  frame.style.cssText = "width:100%;border:0;height:560px;color-scheme:normal";
  script.after(frame);
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== new URL(address).origin) return;
    const height = (event.data as { otklikHeight?: unknown } | null)?.otklikHeight;
    if (typeof height === "number" && height > 0 && height < 10_000) frame.style.height = `${Math.ceil(height)}px`;
  });
}
