import type { Fault, Level, Message, Names, Picture } from "./messages.js";

/** A piece of the output. */
export type Entry =
  | { kind: "text"; level: Level; text: string }
  | { kind: "picture"; id: number; label: string; picture?: Picture }
  | { kind: "fault"; fault: Fault };

/** What a run has given so far. */
export interface Run {
  state: "fresh" | "running" | "finished" | "failed" | "stopped";
  entries: readonly Entry[];
  faults: readonly Fault[];
  ms?: number;
}

export const FRESH: Run = { state: "fresh", entries: [], faults: [] };

/** Runs programs, each in a worker of its own. The page hears of the run at most once a frame. */
export class Session {
  private worker: Worker | undefined;
  private used = false;
  private run: Run = FRESH;
  private told = false;

  constructor(
    private readonly onRun: (run: Run) => void,
    private readonly onNames: (names: Names) => void,
  ) {
    this.worker = this.open(); // loads while one reads
  }

  start(program: string): void {
    if (this.used || !this.worker) {
      this.worker?.terminate();
      this.worker = this.open();
    }
    this.used = true;
    this.change({ ...FRESH, state: "running" });
    this.worker.postMessage(program);
  }

  /** By force: a loop without end does not listen. Threads of the worker end with it. */
  stop(): void {
    this.worker?.terminate();
    this.worker = this.open();
    if (this.run.state === "running") this.change({ ...this.run, state: "stopped" });
  }

  close(): void {
    this.worker?.terminate();
  }

  private open(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.used = false;
    worker.addEventListener("message", ({ data }: MessageEvent<Message>) => this.worker === worker && this.hear(data));
    worker.addEventListener("error", ({ message }) => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.fail({ message: `the background worker has stopped: ${message ?? "its script could not be loaded"}` });
      this.end();
    });
    return worker;
  }

  private hear(message: Message): void {
    const { run } = this;
    if (message.kind === "ready") this.onNames(message.names);
    else if (message.kind === "text") this.add(message);
    else if (message.kind === "place") this.add({ ...message, kind: "picture" });
    else if (message.kind === "drawn") {
      const { id, picture } = message;
      const entries = run.entries.map((one) => (one.kind === "picture" && one.id === id ? { ...one, picture } : one));
      this.change({ ...run, entries });
    } else if (message.kind === "failed") this.fail(message.fault);
    else this.end(message.ms);
  }

  private end(ms?: number): void {
    this.change({ ...this.run, state: this.run.faults.length ? "failed" : "finished", ms });
  }

  private fail(fault: Fault): void {
    const faults = [...this.run.faults, fault];
    if (faults.length > 20) return; // a rejection in a loop
    const state = this.run.state === "running" ? "running" : "failed";
    this.change({ ...this.run, state, faults, entries: [...this.run.entries, { kind: "fault", fault }] });
  }

  /** Lines that follow each other are one element: thousands of them cost the page little. */
  private add(entry: Entry): void {
    const entries = [...this.run.entries];
    const last = entries.at(-1);
    if (entry.kind === "text" && last?.kind === "text" && last.level === entry.level) {
      entries[entries.length - 1] = { ...last, text: `${last.text}\n${entry.text}` };
    } else entries.push(entry);
    this.change({ ...this.run, entries });
  }

  private change(run: Run): void {
    this.run = run;
    if (this.told) return;
    this.told = true;
    requestAnimationFrame(() => {
      this.told = false;
      this.onRun(this.run);
    });
  }
}
