/**
 * Scripts that come when they are needed. A browser may remember, for as long as the page stands,
 * that one did not come, so the next try asks for it under another address
 * (https://github.com/whatwg/html/issues/6768).
 */
const WAITS = [1000, 4000, 15_000];

let tries = 0;

/** Raises what the browser raises where the line is still cut, or where the script itself fails. */
export async function fetched<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const address = /imported module: (\S+)/.exec(String(error))?.[1];
    if (!address) throw error;
    tries += 1;
    return (await import(`${address}?again=${tries}`)) as T;
  }
}

/** As `fetched`, over a line that comes and goes. */
export async function fetchedPatiently<T>(load: () => Promise<T>): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await fetched(load);
    } catch {
      await new Promise((done) => window.setTimeout(done, wait));
    }
  }
  return fetched(load);
}
