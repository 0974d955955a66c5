import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DeviceError, type DType, KindlingError, type Tensor } from "@kindling/autograd";
import { operators } from "@kindling/backend-testkit";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { expect, it } from "vitest";
import { absent, without } from "../src/without.js";

type Case = operators.Case;
const { callOf, families, isMethod, namesOther, outcome, placed } = operators;

/*
 * docs/operators.md says of every operator what it can do. It is made here, by trying; UPDATE_TABLE=1 writes it.
 */

registerOpaqueBackend();

const page = fileURLToPath(new URL("../../../docs/operators.md", import.meta.url));
const groups: Record<string, DType[]> = {
  float: ["float64", "float32"],
  half: ["float16", "bfloat16"],
  integer: ["int64", "int32", "int16", "int8", "uint8"],
  bool: ["bool"],
};

/** Whether the operator computes in the dtype: its differentiated arguments get it, all others stay. */
function computesIn(name: string, cases: readonly Case[], dtype: DType): boolean {
  const inDType = (t: Tensor): Tensor =>
    t.requiresGrad ? t.detach().to(dtype) : t.isFloatingPoint() ? t.to(dtype) : t;
  return cases.some((c) => {
    const [fn, args] = callOf(name, c);
    try {
      fn(...placed(args, inDType));
      return true;
    } catch (error) {
      if (error instanceof KindlingError) return false;
      throw error;
    }
  });
}

const YES = "✓";

function cell(name: string, cases: readonly Case[], dtypes: readonly DType[]): string {
  const able = dtypes.filter((dtype) => computesIn(name, cases, dtype));
  return able.length === dtypes.length ? YES : able.join(", ");
}

/** Whether a call works on a device that cannot be read while it runs: always, never, or for some arguments. */
function elsewhere(name: string, cases: readonly Case[]): string {
  const tried = cases.filter((c) => !namesOther(c, []));
  const refused = tried.filter((c) => {
    try {
      outcome(name, c, "opaque");
      return false;
    } catch (error) {
      if (error instanceof DeviceError) return true;
      throw error;
    }
  });
  if (refused.length === 0) return YES;
  return refused.length === tried.length ? "reads" : "some arguments";
}

function pageText(): string {
  const header = ["operator", ...Object.keys(groups), "backward", "twice", "in place", "other devices"];
  const table = (rows: string[][]): string =>
    [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
  const sections = Object.entries(families).map(([family, operators]) => {
    const rows = Object.entries(operators).map(([name, cases]) => [
      `\`${name}\``,
      ...Object.values(groups).map((dtypes) => cell(name, cases, dtypes)),
      YES,
      YES,
      isMethod(`${name}_`) ? YES : "",
      elsewhere(name, cases),
    ]);
    return `## ${family[0].toUpperCase()}${family.slice(1)}\n\n${table(rows)}`;
  });
  const plain = Object.entries(without)
    .filter(([reason]) => !["is no operator", "is another name"].includes(reason))
    .map(([reason, names]) => `- **${reason}**: ${[...names].map((name) => `\`${name}\``).join(", ")}`);
  const missing = Object.entries(absent).map(([what, reason]) => `- ${what}: ${reason}`);
  return `# What every operator can do

Made by trying each on the \`cpu\`, and on a device that has none but the required primitives and cannot be read while it runs. The columns of dtypes say in what
an operator computes or what it converts. *Backward* and *twice* are its first and second derivative, held against finite differences.
*Other devices*: "reads" needs its values on the host, so there it throws and says to \`await x.cpu()\` first.

${sections.join("\n\n")}

## Without a derivative

${plain.join("\n")}

## Left out, and why

${missing.join("\n")}
`;
}

it("docs/operators.md says what is so", () => {
  const text = pageText();
  if (process.env.UPDATE_TABLE) writeFileSync(page, text);
  expect(readFileSync(page, "utf8"), "out of date: UPDATE_TABLE=1 npx vitest run test/support-table.test.ts").toBe(
    text,
  );
}, 120_000);
