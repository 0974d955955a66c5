import { type ConformanceOptions, describeBackend } from "@kindling/backend-testkit";
import { describe, it } from "vitest";
import { openWebGpu } from "./adapter.js";

/** The conformance tests whose titles match, on the GPU that there is. */
export async function conformance(titles = /(?:)/, options: ConformanceOptions = {}): Promise<void> {
  const backend = await openWebGpu();
  if (typeof backend === "string") {
    describe.skipIf(true)(`webgpu (skipped: ${backend})`, () => it("opens", () => {}));
    return;
  }
  const runner = {
    describe,
    it: (title: string, body: () => void | Promise<void>) => titles.test(title) && it(title, body),
  };
  await describeBackend("webgpu", () => backend, runner, options);
}
