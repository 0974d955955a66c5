import { Buffer } from "node:buffer";

/*
 * glibc hands the end of the heap back to the system whenever more than 64 MB are free there, as they are after each collection of a program with
 * large results; the next results then fault page by page, which costs more than computing them. It stops where something is in use at the very end:
 * so whenever the heap has just grown, a block that nobody touches takes that place. It is address space, not memory.
 */

/** Bytes of results between two looks at the faults: half of what may be free at the end. */
const LOOK = 1 << 25;
const PAGE = 4096;

let since = 0;
let faults = 0;
/** The block at the end of the heap; the one before may go. */
const end: { guard?: ArrayBufferLike } = {};

/** Places the guard, where at least half of the pages of the last results were fresh: none that was freed was large enough for `bytes` then. */
function guardEnd(bytes: number): void {
  const now = process.resourceUsage().minorPageFault;
  if ((now - faults) * PAGE > since / 2) end.guard = Buffer.allocUnsafeSlow(bytes).buffer;
  since = 0;
  faults = now;
}

/** Blocks that glibc takes from the heap; larger ones it takes from the system and gives back one by one. */
const MOST = process.platform === "linux" ? 1 << 25 : 0;

/** A buffer of `bytes`, whose content is undefined: filling it with zeros costs more than writing a result into it. */
export function bufferOf(bytes: number): ArrayBuffer {
  const { buffer } = Buffer.allocUnsafeSlow(bytes);
  if (bytes < MOST) {
    since += bytes;
    if (since > LOOK) guardEnd(bytes);
  }
  return buffer as ArrayBuffer;
}
