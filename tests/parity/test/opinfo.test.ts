import { describe, expect, it } from "vitest";
import { notYet, undefinedIn, withoutErrors } from "../src/exceptions.js";
import { callOf, methodOf } from "../src/operators.js";
import { check, checkError, Inexpressible, type Recording } from "../src/samples.js";
import { index, present, recording } from "../src/shared.js";
import { camel, isRecorded } from "../src/values.js";

/** Runs each; gathers what differs. */
function problems<T>(items: readonly T[], name: (item: T) => string, run: (item: T) => string | null): string[] {
  return items.flatMap((item) => {
    try {
      const problem = run(item);
      return problem === null ? [] : [`${name(item)}: ${problem}`];
    } catch (error) {
      if (error instanceof Inexpressible) return [];
      return [
        `${name(item)}: threw ${error instanceof Error ? (error.stack ?? "").split("\n").slice(0, 4).join(" | ") : String(error)}`,
      ];
    }
  });
}

describe.runIf(present)("operators against PyTorch", () => {
  const files = present ? Object.entries(index()) : [];
  const absent = files.filter(([, entry]) => callOf(entry.op) === null);

  for (const [file, entry] of files) {
    const call = callOf(entry.op);
    if (call === null || file in notYet) continue;
    it(file, () => {
      const { error_samples, has_method, has_inplace, ...recorded } = recording<Recording>(file);
      const samples = recorded.samples.filter((s) => undefinedIn(entry.op, s) === null);
      const label = (s: { dtype: string; index: number; tag?: string }) => `${s.dtype} ${s.tag ?? ""}#${s.index}`;
      const found = problems(samples, label, (s) => check(call, s, entry.op));
      if (has_method && !entry.op.startsWith("__") && methodOf(camel(entry.op)) === null)
        found.push("the method is missing");
      const inPlace = has_inplace ? methodOf(`${camel(entry.op)}_`) : null;
      if (inPlace !== null) {
        const fitting = samples.filter(({ args, out }) => {
          const [self] = args;
          return (
            isRecorded(self) &&
            isRecorded(out) &&
            self.dtype === out.dtype &&
            `${self.shape}` === `${out.shape}` &&
            !self.strides
          );
        });
        found.push(
          ...problems(
            fitting,
            (s) => `in place ${label(s)}`,
            (s) => check(inPlace, s, entry.op, false),
          ),
        );
      }
      if (!withoutErrors(entry.op))
        found.push(
          ...problems(
            error_samples,
            (s) => `error ${s.message.slice(0, 60)}`,
            (s) => checkError(call, s),
          ),
        );
      expect(found, found.join("\n")).toHaveLength(0);
    });
  }

  it("lists what is not there yet", () => {
    const core = absent.filter(([, e]) => e.core).map(([f]) => f);
    const others = absent.filter(([, e]) => !e.core).map(([f]) => f);
    console.log(
      `not yet (${core.length} core): ${core.join(", ")}\nnot yet (${others.length} others): ${others.join(", ")}`,
    );
  });
});
