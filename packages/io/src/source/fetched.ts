import { KindlingError } from "@kindling/autograd";
import { type ByteSource, inMemory } from "./bytes.js";

/** What one request fetches at least: many small reads near each other are one. */
const WINDOW = 1 << 18;

/**
 * What is behind a URL, read by ranges where the server gives ranges, else fetched whole.
 * @throws KindlingError for an answer that is no success, with its `status`
 */
export async function fetched(url: string, name = url): Promise<ByteSource> {
  if (!/^https?:/.test(new URL(url, "http://relative").protocol)) return inMemory(await whole(url, name), name);
  const response = await fetch(url, { headers: { range: `bytes=0-${WINDOW - 1}` } });
  if (response.status === 416) return inMemory(new Uint8Array(), name); // no byte 0: nothing is there
  refuseFailure(response, name);
  if (response.status !== 206) return inMemory(await body(response), name);
  const size = Number(/^bytes 0-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
  const first = await body(response);
  // without the header, which another origin's server has to expose, nobody knows where the end is
  if (!Number.isSafeInteger(size)) return inMemory(await whole(url, name), name);
  return ranges(url, name, size, first, response.headers.get("etag"));
}

function ranges(url: string, name: string, size: number, first: Uint8Array, tag: string | null): ByteSource {
  let [start, held] = [0, first];
  return {
    name,
    size,
    async read(from, to) {
      if (from < start || to > start + held.length) {
        const end = Math.min(size, Math.max(to, from + WINDOW));
        const response = await fetch(url, { headers: { range: `bytes=${from}-${end - 1}` } });
        refuseFailure(response, name);
        const bytes = await body(response);
        if (response.status !== 206 || bytes.length !== end - from || response.headers.get("etag") !== tag) {
          throw new KindlingError(
            `${name}: bytes ${from}-${end - 1} came otherwise than asked for; did the file change?`,
            {
              file: name,
              status: response.status,
            },
          );
        }
        [start, held] = [from, bytes];
      }
      return held.subarray(from - start, to - start);
    },
  };
}

async function whole(url: string, name: string): Promise<Uint8Array> {
  const response = await fetch(url);
  refuseFailure(response, name);
  return body(response);
}

const body = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

function refuseFailure(response: Response, name: string): void {
  if (response.ok) return;
  throw new KindlingError(`${name}: ${response.status} ${response.statusText}`.trimEnd(), { status: response.status });
}
