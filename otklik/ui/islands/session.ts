/**
 * A session that has ended takes nothing from the page: it says so and stays until the person has
 * signed in again in another tab; then the page takes up the new session and goes on. Somebody
 * else's session is not taken up: what was typed here is not theirs.
 */
import { word } from "./words";

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("otklik-session") : undefined;
const meta = (name: string, root: ParentNode = document) => root.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
const me = () => meta("me")?.content ?? "";

let isAsking = false;

function notice(words: string, link: boolean): void {
  document.getElementById("session-ended")?.remove();
  const note = document.createElement("p");
  note.id = "session-ended";
  note.className = "offline";
  note.setAttribute("role", "alert");
  note.append(words);
  if (link) {
    const way = document.createElement("a");
    way.className = "button button-small";
    way.href = "/sign-in/?next=/";
    way.target = "_blank";
    way.textContent = word("signIn");
    note.append(way);
  }
  document.body.append(note);
}

export function ended(): void {
  if (!me() || document.getElementById("session-ended")) return;
  notice(word("sessionEnded"), true);
}

/** Whether the page has a session again; its forms then carry that one's token. */
export async function renew(): Promise<boolean> {
  if (isAsking) return false;
  isAsking = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (response.redirected || !response.ok) return false;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const token = meta("csrf-token", fresh)?.content;
    const person = meta("me", fresh)?.content ?? "";
    if (!token || !person) return false;
    if (person !== me()) {
      notice(word("otherPerson"), false);
      return false;
    }
    meta("csrf-token")!.content = token;
    document.querySelectorAll<HTMLInputElement>('input[name="csrfmiddlewaretoken"]').forEach((field) => (field.value = token));
    document.getElementById("session-ended")?.remove();
    document.dispatchEvent(new CustomEvent("session:renewed"));
    return true;
  } catch {
    return false;
  } finally {
    isAsking = false;
  }
}

const again = () => document.visibilityState === "visible" && document.getElementById("session-ended") && void renew();
window.addEventListener("focus", again);
document.addEventListener("visibilitychange", again);
document.addEventListener("session:ended", ended);
tabs?.addEventListener("message", () => document.getElementById("session-ended") && void renew());
if (me()) tabs?.postMessage("signed in");
