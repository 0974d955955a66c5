import type { Storage } from "@kindling/storage";
import { kernel, WORKGROUP } from "./wgsl.js";

/** A kernel that may share a dispatch with others of its text. */
export interface Part {
  /** Names the text. */
  readonly key: string;
  /** Storages of one dtype by their names, which end in `_all`. */
  readonly outputs: Readonly<Record<`${string}_all`, Storage>>;
  readonly inputs: Readonly<Record<`${string}_all`, Storage>>;
  /** As `kernel` takes them, and their words. */
  readonly params: readonly string[];
  readonly words: readonly number[];
  /** Elements, one an invocation. */
  readonly n: number;
  /** Statements for element `index`. Storages and `P.NAME` are those of the part. */
  readonly text: () => string;
}

/** What `Runtime.dispatch` is called with, the workgroups along one dimension. */
export interface Joined {
  readonly key: string;
  readonly source: () => string;
  readonly storages: readonly Storage[];
  readonly words: readonly number[];
  readonly groups: number;
}

/** Parts that came in a row and wait for one dispatch of all, as many as can be bound. */
export class Together {
  readonly #most: number;
  #parts: Part[] = [];
  #outputs: Storage[] = [];
  #inputs: Storage[] = [];

  /** `most` is how many storages a kernel binds. */
  constructor(most: number) {
    this.#most = most;
  }

  get waits(): boolean {
    return this.#parts.length > 0;
  }

  /** Takes a part in, unless it is of another text, shares a storage with those that wait, or finds no room. */
  add(part: Part): boolean {
    const [outputs, inputs] = [Object.values(part.outputs), Object.values(part.inputs)];
    if (this.waits) {
      const bound = this.#outputs.length + this.#inputs.length + outputs.length + inputs.length;
      if (part.key !== this.#parts[0].key || bound > this.#most) return false;
      const known = (storage: Storage): boolean => this.#outputs.includes(storage) || this.#inputs.includes(storage);
      if (outputs.some(known) || inputs.some(known)) return false;
    }
    this.#parts.push(part);
    this.#outputs.push(...outputs);
    this.#inputs.push(...inputs);
    return true;
  }

  /** One kernel of all that wait. Nothing waits any more. */
  take(): Joined {
    const parts = this.#parts;
    const storages = [...this.#outputs, ...this.#inputs];
    this.#parts = [];
    this.#outputs = [];
    this.#inputs = [];
    const words: number[] = [];
    let groups = 0;
    for (const { n } of parts) {
      const own = Math.ceil(n / WORKGROUP);
      words.push(own);
      groups += own;
    }
    for (const part of parts) words.push(...part.words);
    return { key: `${parts[0].key} × ${parts.length}`, source: () => textOf(parts), storages, words, groups };
  }
}

/** Each part gets workgroups of its own; its names end in its number. */
function textOf(parts: readonly Part[]): string {
  const numbered = (name: string, k: number): string => name.replace(/^\w+/, `$&_${k}`);
  const bindings = (which: "outputs" | "inputs") =>
    parts.flatMap((part, k) =>
      Object.entries(part[which]).map(([name, { dtype }]) => ({ name: numbered(name, k), dtype })),
    );
  const functions = parts.map(
    ({ text }, k) => `fn part_${k}(index: u32) {
${text().replace(/\b(P\.\w+|\w+_all)\b/g, `$1_${k}`)}
}`,
  );
  return kernel({
    outputs: bindings("outputs"),
    inputs: bindings("inputs"),
    params: [
      ...parts.map((_, k) => `groups_${k}`),
      ...parts.flatMap(({ params }, k) => params.map((param) => numbered(param, k))),
    ],
    declarations: functions.join("\n"),
    body: `  var rest = group;
${parts
  .map(
    (_, k) => `  if (rest < P.groups_${k}) { part_${k}(rest * ${WORKGROUP}u + lane); return; }
  rest -= P.groups_${k};`,
  )
  .join("\n")}`,
  });
}
