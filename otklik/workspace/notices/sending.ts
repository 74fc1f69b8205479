/** A POST of ours, as a form of the page would send it. */
export async function post(url: string, values: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true", ...headers }, keepalive: true });
}
