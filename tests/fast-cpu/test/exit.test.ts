import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const packages = ["autograd", "backend-cpu", "backend-wasm"].map((name) =>
  join(dirname(createRequire(import.meta.url).resolve(`@kindling/${name}/package.json`)), "dist/index.js"),
);

const program = (end: string): string => `
  import { init, matmul, ones, setNumThreads } from "@kindling/autograd";
  import "@kindling/backend-cpu";
  import { wasmKernels } from "@kindling/backend-wasm";
  setNumThreads(3);
  await init("cpu");
  const a = ones(512, 512);
  console.log(matmul(a, a).at(0, 0).item());
  ${end}
`;

/** Runs a program of its own; the answer is its exit code and what it said. */
const run = (source: string): Promise<{ code: number | string; output: string }> =>
  new Promise((resolve) => {
    const args = ["--input-type=module", "-e", source];
    execFile(process.execPath, args, { cwd: here, timeout: 15_000 }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : (error.code ?? `killed: ${error.signal}`),
        output: stdout.trim() || stderr,
      });
    });
  });

// a program of its own sees what was built; the task `test` builds first, a run by hand may come before any build
it.skipIf(!packages.every(existsSync)).each([
  ["at its end", "", 0],
  ["by process.exit", "process.exit(7);", 7],
  [
    "by process.exit while threads work",
    "setTimeout(() => process.exit(7), 50); setInterval(() => matmul(a, a), 0);",
    7,
  ],
  ["by an error", "throw new Error('no');", 1],
] as const)("a program that has used threads stops %s", async (_, end, code) => {
  expect(await run(program(end))).toEqual({ code, output: "512" });
});
