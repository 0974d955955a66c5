import type { Storage } from "@kindling/storage";
import { memories, RESIDENT, RESIDENT_BYTES } from "./memory.js";

/*
 * What stays in WebAssembly memory from call to call: weights, packed or transformed. An entry is right as long as the storage
 * that it was made of has the same write stamp. The space is bounded; nothing keeps a storage alive.
 */

interface Entry {
  readonly id: number;
  readonly kind: number;
  readonly offset: number;
  readonly bytes: number;
  readonly pointer: number;
  stamp: number;
  used: number;
}

/** Entries that were not asked for in so many requests are dropped; it is looked for them twice in that time. */
const STALE = 1024;

const entries = new Map<number, Entry[]>();
/** Free space, by address, neighbours merged. */
let free: { start: number; bytes: number }[] = [{ start: RESIDENT, bytes: RESIDENT_BYTES }];
let requests = 0;
/** The memory that they are in. */
let home = 0;

/**
 * Where something of `bytes` that is made of `storage` lies: negative (its bitwise complement) where the caller must fill it
 * first, 0 where there is no room. `kind` and `offset` tell apart what is made of one storage: a way of packing with its sizes,
 * and the place of the view.
 */
export function resident(storage: Storage, kind: number, offset: number, bytes: number): number {
  if (home !== memories) {
    home = memories;
    entries.clear();
    free = [{ start: RESIDENT, bytes: RESIDENT_BYTES }];
  }
  if (++requests % (STALE / 2) === 0) evict();
  const mine = entries.get(storage.id);
  if (mine !== undefined) {
    for (const entry of mine) {
      if (entry.kind !== kind || entry.offset !== offset || entry.bytes !== bytes) continue;
      entry.used = requests;
      if (entry.stamp === storage.stamp) return entry.pointer;
      entry.stamp = storage.stamp;
      return ~entry.pointer;
    }
  }
  const pointer = room((bytes + 63) & ~63);
  if (pointer === 0) return 0;
  const entry = { id: storage.id, kind, offset, bytes, pointer, stamp: storage.stamp, used: requests };
  if (mine === undefined) entries.set(storage.id, [entry]);
  else mine.push(entry);
  return ~pointer;
}

function room(bytes: number): number {
  if (bytes > RESIDENT_BYTES) return 0;
  const pointer = fit(bytes);
  if (pointer !== 0) return pointer;
  evict();
  return fit(bytes);
}

function fit(bytes: number): number {
  for (const [i, hole] of free.entries()) {
    if (hole.bytes < bytes) continue;
    const { start } = hole;
    hole.start += bytes;
    hole.bytes -= bytes;
    if (hole.bytes === 0) free.splice(i, 1);
    return start;
  }
  return 0;
}

/** Frees what was not asked for lately. */
function evict(): void {
  for (const [id, list] of entries) {
    const kept = list.filter((entry) => requests - entry.used <= STALE);
    for (const entry of list) {
      if (!kept.includes(entry)) free.push({ start: entry.pointer, bytes: (entry.bytes + 63) & ~63 });
    }
    if (kept.length === 0) entries.delete(id);
    else entries.set(id, kept);
  }
  free.sort((a, b) => a.start - b.start);
  const merged: typeof free = [];
  for (const hole of free) {
    const last = merged.at(-1);
    if (last !== undefined && last.start + last.bytes === hole.start) last.bytes += hole.bytes;
    else merged.push(hole);
  }
  free = merged;
}
