import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("..", import.meta.url));
const programs = readdirSync(folder).flatMap((file) => (/^\w+\.js$/.test(file) ? [file.slice(0, -3)] : []));

const numbers = (text: string): number[] => text.trim().split("\n").map(Number);

/** The losses that the program prints, each step's on a line. */
const losses = (name: string, dtype: string): number[] =>
  numbers(execFileSync(process.execPath, [`${name}.js`, dtype], { cwd: folder, encoding: "utf8" }));

/** How far from PyTorch's loss of `step` ours may be. In float32 PyTorch with and without oneDNN differs from itself by more. */
function tolerance(dtype: string, step: number, theirs: number): number {
  if (dtype === "float64") return 1e-8;
  return step <= 10 ? 1e-5 : Math.max(1e-3 * Math.abs(theirs), 1e-5);
}

describe("programs translated from PyTorch print the same losses", () => {
  it.each(programs.flatMap((name) => [[name, "float32"] as const, [name, "float64"] as const]))(
    "%s, %s",
    (name, dtype) => {
      const theirs = numbers(readFileSync(`${folder}/${name}.${dtype}.txt`, "utf8"));
      const ours = losses(name, dtype);
      expect(ours).toHaveLength(theirs.length);
      const apart = ours.flatMap((loss, i) =>
        Math.abs(loss - theirs[i]) <= tolerance(dtype, i + 1, theirs[i])
          ? []
          : [`step ${i + 1}: ${loss}, PyTorch ${theirs[i]}`],
      );
      expect(apart, apart.slice(0, 5).join("\n")).toHaveLength(0);
    },
  );
});
