/*
 * In a browser, the little of `node:fs` and `node:url` that tests read their fixtures with: from Vite's server, at once.
 */

/** Every fixture, by its path on the server. */
const known = Object.keys(import.meta.glob("../../../packages/*/test/fixtures/*")).map((path) =>
  path.slice("../../..".length),
);

export const fileURLToPath = (url: URL): string => url.href;

export const existsSync = (path: string): boolean => known.some((fixture) => path.endsWith(fixture));

export const readdirSync = (folder: string): string[] =>
  known
    .filter((path) => folder.endsWith(path.slice(0, path.lastIndexOf("/"))))
    .map((path) => path.split("/").at(-1) ?? "");

export function readFileSync(url: string | URL, encoding?: "utf8"): string | Uint8Array {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  // A synchronous request gives no bytes: this is the encoding that keeps them, one a character.
  request.overrideMimeType(`text/plain; charset=${encoding ?? "x-user-defined"}`);
  request.send();
  if (request.status !== 200) throw new Error(`${url}: ${request.status}`);
  return encoding ? request.responseText : Uint8Array.from(request.responseText, (c) => c.charCodeAt(0) & 0xff);
}
