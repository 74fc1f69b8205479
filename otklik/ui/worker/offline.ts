/**
 * A page that cannot be reached says so in the desk's own words, and comes by itself when the line
 * is back. Nothing of the desk is stored: what is shown here holds no data.
 */
import { worker } from "./scope";

const WORDS = {
  ru: { title: "Нет связи", text: "Страница откроется сама, как только связь вернётся.", again: "Попробовать сейчас" },
  en: { title: "No connection", text: "The page opens by itself as soon as the line is back.", again: "Try now" },
};

/** Asks whether the desk answers: soon at first, since "online" is said before a line carries. */
const TRIES = `let wait=500,timer;
function again(){timer=setTimeout(look,wait);wait=Math.min(wait*2,5000)}
function look(){clearTimeout(timer);fetch("/healthz",{cache:"no-store"}).then(r=>r.ok?location.reload():again(),again)}
addEventListener("online",()=>{wait=500;look()});again()`;

function page(): string {
  const language = navigator.language.startsWith("ru") ? "ru" : "en";
  const { title, text, again } = WORDS[language];
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>:root{color-scheme:light dark}body{margin:0;min-height:100dvh;display:grid;place-content:center;gap:8px;padding:24px;font:400 1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}h1{margin:0;font-size:1.25rem}p{margin:0;max-width:36ch}a{display:inline-flex;align-items:center;justify-content:center;min-height:44px;margin-top:12px;padding:0 16px;border-radius:6px;background:#0b6580;color:#fff;font-weight:600;text-decoration:none}</style>
<main><h1>${title}</h1><p>${text}</p><a href="">${again}</a></main>
<script>${TRIES}</script></html>`;
}

export function standIn(): void {
  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.mode !== "navigate" || request.method !== "GET") return;
    event.respondWith(
      fetch(request).catch(
        () => new Response(page(), { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" } }),
      ),
    );
  });
}
