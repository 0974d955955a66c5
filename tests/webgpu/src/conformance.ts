import { type ConformanceOptions, describeBackend } from "@kindling/backend-testkit";
import { fastPaths } from "@kindling/backend-webgpu";
import { describe, it } from "vitest";
import { openWebGpu } from "./adapter.js";

/** The suite in parts that run beside each other; together they are all of it. */
export const parts = {
  pointwise: /^(write|read|synchronize|unary|binary|compare|where|copy|fill|range) /,
  dimensional: /^(reduce|scan|sort|gather|scatter) /,
  matmul: /^matmul /,
  operators: /^(operator|training) /,
};

/** Milliseconds that a test may take: adapters in software compile slowly. */
const COMPILING = 120_000;

/** The conformance tests whose titles match, on the GPU that there is. */
export async function conformance(
  titles: RegExp,
  options: ConformanceOptions = { providers: [fastPaths] },
): Promise<void> {
  const backend = await openWebGpu();
  if (typeof backend === "string") {
    describe.skipIf(true)(`webgpu (skipped: ${backend})`, () => it("opens", () => {}));
    return;
  }
  const runner = {
    describe,
    it: (title: string, body: () => void | Promise<void>) => titles.test(title) && it(title, body, COMPILING),
  };
  await describeBackend("webgpu", () => backend, runner, options);
}
