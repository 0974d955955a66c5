import { getNumThreads } from "@kindling/storage";
import { inflateSync } from "fflate";
import { type Binaries, workspace } from "#kernels";
import { enableRelaxedSimd, shareable } from "#workers";

/** What is used of the WebAssembly interface; not every program's types have it. */
interface WebAssemblyInterface {
  validate(binary: Uint8Array): boolean;
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
}
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };

/** A function of the binary; pointers and counts are numbers. */
export type Kernel = (...args: number[]) => number;

/** The kernels, compiled and bound to their memory. */
export interface Instance {
  readonly module: object;
  readonly memory: Memory;
  readonly kernels: Readonly<Record<string, Kernel>>;
  /** Whether the memory is shared, so that workers can compute in it. */
  readonly shared: boolean;
  /** Whether products are added in one rounding. */
  readonly relaxed: boolean;
}

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65536;
/** Pages: what compile.mjs declared. */
const MAXIMUM = 16384;

function decoded(base64: string): Uint8Array {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return inflateSync(bytes);
}

/**
 * Declares the imported memory as shared. It is the binary's only import, `env.memory`: after its name come the kind of the
 * import (2, a memory) and the flags of its limits (1: there is a maximum; 3: and it is shared).
 */
function declareShared(binary: Uint8Array): void {
  const name = [..."memory"].map((c) => c.charCodeAt(0));
  const at = binary.findIndex((_, i) => name.every((c, k) => binary[i + k] === c) && binary[i + 6] === 2);
  binary[at + 7] = 3;
}

/** Compiles one of the binaries for a memory of `pages`. */
export function instantiate({ plain, relaxed }: Binaries, pages: number, shared: boolean): Instance {
  enableRelaxedSimd();
  let binary = decoded(relaxed);
  const fused = WebAssembly.validate(binary);
  if (!fused) binary = decoded(plain);
  if (shared) declareShared(binary);
  const module = new WebAssembly.Module(binary);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM, shared });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { module, memory, kernels: exports as Record<string, Kernel>, shared, relaxed: fused };
}

/** What there is from the start: see memory.ts. Pages that nobody wrote to cost no memory. */
const FIRST_PAGES = (128 << 4) + 256;

let made: Instance | undefined;
let refusal = "";

/**
 * The kernels; compiled when first asked for. `undefined` where WebAssembly, SIMD or the page's policy refuse: `found` says. Copies to and
 * from shared memory take three times as long, but for long ones in Node: it is shared from when a program wants several threads.
 */
export function instance(): Instance | undefined {
  const shared = shareable && getNumThreads() > 1;
  if ((made === undefined || (shared && !made.shared)) && refusal === "") {
    try {
      made = instantiate(workspace, FIRST_PAGES, shared);
    } catch (error) {
      refusal = `off: ${error instanceof Error ? error.message : error}`;
    }
  }
  return made;
}

/** What was found, for `backendInfo`. */
export function found(): string {
  const it = instance();
  if (it === undefined) return refusal;
  return `WebAssembly SIMD${it.relaxed ? " with fused multiply-add" : ""}, ${it.shared ? "threads" : "one thread"}`;
}
