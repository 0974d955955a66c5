import type { KernelEvent } from "./contract.js";
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
  /** Every run of a kernel, in the order of the calls. */
  readonly events: readonly KernelEvent[];
  /** The rows as a table. */
  toString(): string;
  /** The events in Chrome's trace format, for chrome://tracing and ui.perfetto.dev: the text of a JSON file. */
  trace(): string;
}

function finished<R>(events: readonly KernelEvent[], time: number, result: R): Profile<R> {
  const totals = new Map<string, { calls: number; time: number }>();
  for (const event of events) {
    const total = totals.get(event.name);
    if (total === undefined) totals.set(event.name, { calls: 1, time: event.time });
    else {
      total.calls++;
      total.time += event.time;
    }
  }
  const rows = [...totals].map(([name, total]) => ({ name, ...total })).sort((a, b) => b.time - a.time);
  return { rows, time, result, events, toString: () => table(rows, time), trace: () => trace(events) };
}

/** Complete events ("X"), in microseconds, a line a device: the Trace Event Format. */
function trace(events: readonly KernelEvent[]): string {
  const devices = [...new Set(events.map(({ device }) => device))];
  const start = events.reduce((least, event) => Math.min(least, event.start), Infinity);
  return JSON.stringify({
    traceEvents: [
      ...devices.map((name, tid) => ({ ph: "M", name: "thread_name", pid: 1, tid, args: { name } })),
      ...events.map(({ name, device, start: ts, time }) => ({
        ph: "X",
        name,
        pid: 1,
        tid: devices.indexOf(device),
        ts: (ts - start) * 1000,
        dur: time * 1000,
      })),
    ],
  });
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
 * Runs `fn` and measures how often each kernel ran, and for how long. Of devices that compute later than they are called it shows the times
 * that kernels took on the device, where `fn` returns a promise and the device has a clock, and otherwise the time to issue the work. Nothing is
 * measured, and nothing costs time, outside of it.
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
  const called: KernelEvent[] = [];
  const before = state.observer;
  state.observer = (name, device, start, time) => {
    before?.(name, device, start, time);
    called.push({ name, device, start, time });
  };
  const clocks = new Map(
    [...state.opened].flatMap(([name, { backend }]) => (backend.record ? [[name, backend.record(name)]] : [])),
  );
  const start = performance.now();
  const stop = (): number => {
    const time = performance.now() - start;
    state.observer = before;
    restack();
    return time;
  };
  /** What the devices' own clocks say, in place of what the calls took there. */
  const measured = async (): Promise<KernelEvent[]> => {
    const own = await Promise.all([...clocks].map(([, finish]) => finish()));
    return [...called.filter(({ device }) => !clocks.has(device)), ...own.flat()];
  };
  let waiting = false;
  try {
    restack();
    const result = fn();
    if (!(result instanceof Promise)) return finished(called, stop(), result);
    waiting = true;
    return result
      .then(async (value) => {
        const events = await measured();
        return finished(events, stop(), value);
      })
      .catch((error) => {
        stop();
        throw error;
      });
  } finally {
    if (!waiting) {
      if (state.observer !== before) stop();
      for (const finish of clocks.values()) finish().catch(() => {}); // nobody waits for them
    }
  }
}
