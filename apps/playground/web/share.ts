/*
 * A program in a link: deflated, in the address behind the #, which browsers send to no server.
 */

const KEY = "#code=";

/** Longer links are refused by many programs that pass them on; a program that large is no example any more. */
const LONGEST_LINK = 60_000;
const LONGEST_PROGRAM = 200_000;

/** The hash that stands for a program. @throws Error for a program that is too long for a link */
export async function toHash(program: string): Promise<string> {
  const packed = new Blob([program]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const hash = KEY + btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  if (hash.length > LONGEST_LINK || program.length > LONGEST_PROGRAM) {
    throw new Error("the program is too long for a link");
  }
  return hash;
}

/** The program of a hash, or nothing where there is none in it. @throws Error for one that is damaged or too long */
export async function fromHash(hash: string): Promise<string | undefined> {
  if (!hash.startsWith(KEY)) return undefined;
  if (hash.length > LONGEST_LINK) throw new Error("the link holds more than a program may have");
  let bytes: Uint8Array;
  try {
    const letters = atob(hash.slice(KEY.length).replaceAll("-", "+").replaceAll("_", "/"));
    bytes = await inflated(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new Error("the link holds more than a program may have");
    throw new Error("the link is damaged: it holds no program");
  }
}

/** Stops as soon as there is too much: some bytes may stand for gigabytes. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: BlobPart[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    length += value.length;
    if (length > LONGEST_PROGRAM) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
}
