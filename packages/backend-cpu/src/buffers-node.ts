import { Buffer } from "node:buffer";

/** Memory whose content is undefined: filling it with zeros costs more than to write a result into it. */
const raw = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;

/*
 * V8 frees results many at a time. glibc returns them to the system when more than some threshold is free at the end of its heap, and
 * then every new result pays for fresh pages, more than what is computed costs. It gives back nothing that lies before memory in
 * use: so, once a program has made many large results, blocks are taken that together are what a collection frees, with a last
 * one behind them that stays. They are never written, so they cost address space alone until results come to lie there.
 * The threshold from which blocks are mapped one by one, and unmapped, follows the largest mapped block that was ever freed, up to 32 MiB:
 * one of that size comes first. Other allocators see six blocks come and go.
 */
const LARGE = 1 << 20;
const BLOCK = (32 << 20) - 65536;
const BLOCKS = 4;
/** Bytes of large results between the first block and the others: it has been collected by then. */
const LATER = 256 << 20;

let made = 0;
let last: ArrayBuffer | undefined;

function keepFreedMemory(bytes: number): void {
  if (made === 0) raw(BLOCK);
  made += bytes;
  if (made < LATER) return;
  last = Array.from({ length: BLOCKS + 1 }, () => raw(BLOCK))[BLOCKS]; // all at once: none takes the place of another
}

/** A buffer of `bytes`, whose content is undefined. */
export function bufferOf(bytes: number): ArrayBuffer {
  if (bytes >= LARGE && last === undefined) keepFreedMemory(bytes);
  return raw(bytes);
}
