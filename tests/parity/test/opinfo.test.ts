import { describe, expect, it } from "vitest";
import { awayFromPoles, undefinedIn, withoutErrors } from "../src/exceptions.js";
import { callOf, methodOf } from "../src/operators.js";
import { check, checkError, type Recording } from "../src/samples.js";
import { index, present, recording } from "../src/shared.js";
import { camel, isRecorded } from "../src/values.js";

/** Operators without their in-place form, for the report. */
const withoutInPlace: string[] = [];

/** Runs each; gathers what differs. */
function problems<T>(items: readonly T[], name: (item: T) => string, run: (item: T) => string | null): string[] {
  return items.flatMap((item) => {
    try {
      const problem = run(item);
      return problem === null ? [] : [`${name(item)}: ${problem}`];
    } catch (error) {
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
    const call = callOf(entry.op, file);
    if (call === null) continue;
    it(file, () => {
      const { error_samples, has_method, has_inplace, ...recorded } = recording<Recording>(file);
      const samples = recorded.samples
        .filter((s) => undefinedIn(entry.op, s) === null)
        .map((s) => awayFromPoles(entry.op, s));
      const label = (s: { dtype: string; index: number; tag?: string }) => `${s.dtype} ${s.tag ?? ""}#${s.index}`;
      const found = problems(samples, label, (s) => check(call, s, entry.op));
      if (has_method && !entry.op.startsWith("__") && methodOf(camel(entry.op)) === null)
        found.push("the method is missing");
      const inPlace = has_inplace ? methodOf(`${camel(entry.op)}_`) : null;
      if (has_inplace && inPlace === null && !/_$|^nn/.test(entry.op)) withoutInPlace.push(file);
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
      [
        `not yet (${core.length} core): ${core.join(", ")}`,
        `not yet (${others.length} others): ${others.join(", ")}`,
        `no in-place form yet (${withoutInPlace.length}): ${withoutInPlace.join(", ")}`,
      ].join("\n"),
    );
  });
});
