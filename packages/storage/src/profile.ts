import { ArgumentError } from "./errors.js";
import { state } from "./state.js";

/** What all calls of one kernel took. */
export interface ProfileRow {
  /** The primitive and which of its functions (`"binary.add"`, `"matmul"`), or the fast path. */
  readonly name: string;
  readonly calls: number;
  /** Milliseconds. */
  readonly time: number;
}

/** What a profiled function did. */
export interface Profile<R = unknown> {
  /** Kernels, those that took longest first. */
  readonly rows: readonly ProfileRow[];
  /** Milliseconds of the whole function; what the rows do not sum up to passed outside of kernels. */
  readonly time: number;
  /** What the function returned. */
  readonly result: R;
  /** The rows as a table. */
  toString(): string;
}

type Totals = Map<string, { calls: number; time: number }>;

function finished<R>(totals: Totals, time: number, result: R): Profile<R> {
  const rows = [...totals].map(([name, total]) => ({ name, ...total })).sort((a, b) => b.time - a.time);
  return { rows, time, result, toString: () => table(rows, time) };
}

function table(rows: readonly ProfileRow[], total: number): string {
  const outside = total - rows.reduce((sum, row) => sum + row.time, 0);
  const line = (name: string, calls: number | string, time: number): string[] => [
    name,
    String(calls),
    time.toFixed(3),
    `${((100 * time) / (total || 1)).toFixed(1)} %`,
  ];
  const lines = [
    ["kernel", "calls", "ms", "share"],
    ...rows.map((row) => line(row.name, row.calls, row.time)),
    line("(outside of kernels)", "", outside),
    line("(all)", "", total),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines
    .map((cells) => cells.map((c, i) => (i === 0 ? c.padEnd(widths[i]) : c.padStart(widths[i]))).join("  "))
    .join("\n");
}

/** Has all devices report to `state.observer`, or stop it. */
function restack(): void {
  for (const device of state.opened.values()) device.restack();
}

/**
 * Runs `fn` and measures how often each kernel ran, and for how long. Devices that compute asynchronously show the time to issue the
 * work. Nothing is measured, and nothing costs time, outside of it.
 *
 * ```ts
 * console.log(String(profile(() => loss(model.forward(x), y).backward())));
 * ```
 * @returns a promise where `fn` returns one
 */
export function profile<R>(fn: () => Promise<R>): Promise<Profile<R>>;
export function profile<R>(fn: () => R): Profile<R>;
export function profile<R>(fn: () => R | Promise<R>): Profile<R> | Promise<Profile<R>> {
  if (typeof fn !== "function") throw new ArgumentError("profile takes a function");
  const totals: Totals = new Map();
  const before = state.observer;
  state.observer = (name, time) => {
    before?.(name, time);
    const total = totals.get(name);
    if (total === undefined) totals.set(name, { calls: 1, time });
    else {
      total.calls++;
      total.time += time;
    }
  };
  const start = performance.now();
  const stop = (): number => {
    const time = performance.now() - start;
    state.observer = before;
    restack();
    return time;
  };
  let waiting = false;
  try {
    restack();
    const result = fn();
    if (!(result instanceof Promise)) return finished(totals, stop(), result);
    waiting = true;
    return result
      .then((value) => finished(totals, stop(), value))
      .catch((error) => {
        stop();
        throw error;
      });
  } finally {
    if (!waiting && state.observer !== before) stop();
  }
}
