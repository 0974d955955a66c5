import { getNumThreads, state } from "@kindling/storage";
import { cores, maySleep, startWorker } from "#workers";
import { instance, type Kernel } from "./instance.js";
import { CONTROL } from "./memory.js";

/*
 * One job at a time: a kernel, its arguments, and how many chunks there are. Whoever is free takes the next chunk; which elements
 * are in a chunk depends on sizes alone, so results do not depend on the number of threads. The words of the block:
 */
const READY = 0; // workers that listen
const JOB = 1; // number of the job; workers sleep on it
const TICKET = 2; // job number (16 bits), next chunk (16 bits)
const COUNT = 3; // chunks
const DONE = 4; // chunks that are finished; the caller sleeps on it
const KERNEL = 5; // index into the names
const ARGUMENTS = 6; // how many
const LIMIT = 7; // workers that may help
const VALUES = 64; // bytes to the arguments, as float64

/** How many looks the caller takes before it sleeps: some 20 µs. */
const PATIENCE = 2000;
/** Milliseconds that a worker looks for the next job before it sleeps: what lies between two products of a training step. To be woken takes it as long. */
const PATIENCE_OF_WORKER = 0.2;

/**
 * A worker's program. It copies the job before it takes a chunk: taking one succeeds only while that job runs, and while it runs
 * nobody writes the block.
 */
const PROGRAM = `
const { module, memory, names, control, index } = data;
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
const table = names.map((name) => kernels[name]);
const words = new Int32Array(memory.buffer, control, 16);
const values = new Float64Array(memory.buffer, control + ${VALUES}, 48);
let job = 0;
Atomics.add(words, ${READY}, 1);
Atomics.notify(words, ${READY});
for (;;) {
  for (let looks = 0, until = 0; Atomics.load(words, ${JOB}) === job; looks++) {
    if ((looks & 255) !== 255) continue;
    const now = performance.now();
    if (until === 0) until = now + ${PATIENCE_OF_WORKER};
    else if (now > until) Atomics.wait(words, ${JOB}, job);
  }
  job = Atomics.load(words, ${JOB});
  const count = words[${COUNT}];
  const kernel = table[words[${KERNEL}]];
  const args = Array.from(values.subarray(0, words[${ARGUMENTS}]));
  if (index >= words[${LIMIT}]) continue;
  for (;;) {
    const ticket = Atomics.load(words, ${TICKET});
    const chunk = ticket & 65535;
    if (ticket >>> 16 !== (job & 65535) || chunk >= count) break;
    if (Atomics.compareExchange(words, ${TICKET}, ticket, ticket + 1) !== ticket) continue;
    kernel(...args, chunk);
    if (Atomics.add(words, ${DONE}, 1) + 1 === count) Atomics.notify(words, ${DONE});
  }
}
`;

/** Chunks that a job can have. */
export const MOST_CHUNKS = 65535;

let words: Int32Array;
let values: Float64Array;
let names: string[] = [];
let indices: Map<string, number>;
let started = 0;
let job = 0;

function prepare(): void {
  const it = instance();
  if (it === undefined) return;
  names = Object.keys(it.kernels);
  indices = new Map(names.map((name, index) => [name, index]));
  words = new Int32Array(it.memory.buffer, CONTROL, 16);
  values = new Float64Array(it.memory.buffer, CONTROL + VALUES, 48);
}

/** Starts the workers that the current number of threads asks for. */
function start(threads: number): void {
  const it = instance();
  if (it === undefined || !it.shared) return;
  if (names.length === 0) prepare();
  for (; started < threads - 1; started++) {
    try {
      startWorker(PROGRAM, { module: it.module, memory: it.memory, names, control: CONTROL, index: started });
    } catch {
      started = Number.POSITIVE_INFINITY; // there are no workers here: all stays on one thread
    }
  }
}

/** How many threads would share a job now, this one included. */
export function threads(): number {
  const wanted = getNumThreads();
  if (wanted === 1) return 1;
  if (started < wanted - 1) start(wanted);
  return words === undefined ? 1 : Math.min(wanted, 1 + Atomics.load(words, READY));
}

/** Hands a job to the workers: `kernel(...args, chunk)` for all chunks below `count`. `finish` comes before the next job. */
export function post(name: string, count: number, args: readonly number[]): void {
  job = (job + 1) | 0;
  // a worker that still copies the job before must not take a chunk of what it finds half written: from here on that job has none
  Atomics.store(words, TICKET, ((job & 65535) << 16) | MOST_CHUNKS);
  words[COUNT] = count;
  words[KERNEL] = indices.get(name) as number;
  words[ARGUMENTS] = args.length;
  words[LIMIT] = threads() - 1;
  values.set(args);
  Atomics.store(words, DONE, 0);
  Atomics.store(words, TICKET, (job & 65535) << 16);
  Atomics.store(words, JOB, job);
  Atomics.notify(words, JOB);
}

/** Helps with the job that was posted with these arguments; returns when all chunks are done. */
export function finish(name: string, count: number, args: readonly number[]): void {
  const kernel = kernelOf(name);
  for (;;) {
    const chunk = Atomics.load(words, TICKET) & 65535;
    if (chunk >= count) break;
    const ticket = ((job & 65535) << 16) | chunk;
    if (Atomics.compareExchange(words, TICKET, ticket, ticket + 1) !== ticket) continue;
    kernel(...args, chunk);
    Atomics.add(words, DONE, 1);
  }
  for (let looks = 0, done = Atomics.load(words, DONE); done < count; done = Atomics.load(words, DONE)) {
    if (maySleep && ++looks > PATIENCE) Atomics.wait(words, DONE, done, 1);
  }
}

const kernelOf = (name: string): Kernel => (instance() as { kernels: Record<string, Kernel> }).kernels[name];

/** Calls `kernel(...args, chunk)` for all chunks below `count`, on as many threads as there are; returns when all are done. */
export function parallel(name: string, count: number, ...args: number[]): void {
  if (count > 1 && threads() > 1) {
    post(name, count, args);
    finish(name, count, args);
    return;
  }
  const kernel = kernelOf(name);
  for (let chunk = 0; chunk < count; chunk++) kernel(...args, chunk);
}

/** Starts the workers, and waits until they listen. */
export async function warmUp(): Promise<void> {
  const wanted = getNumThreads();
  start(wanted);
  for (let waited = 0; threads() < Math.min(wanted, started + 1) && waited < 500; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** As many threads as there are cores, unless the program has said otherwise. */
export function chooseThreads(): void {
  state.threads ??= cores();
}
