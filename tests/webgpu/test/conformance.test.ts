import { createCpuBackend } from "@kindling/backend-cpu";
import { describeBackend } from "@kindling/backend-testkit";
import { expect, it } from "vitest";
import { parts } from "../src/conformance.js";

it("no test of the suite is left out", async () => {
  const titles: string[] = [];
  const runner = { describe: (_: string, body: () => void) => body(), it: (title: string) => titles.push(title) };
  const cpu = createCpuBackend();
  const asynchronous = { ...cpu, capabilities: { ...cpu.capabilities, syncRead: false } };
  await describeBackend("all", () => asynchronous, runner);
  expect(titles.length).toBeGreaterThan(1000);
  expect(titles.filter((title) => !Object.values(parts).some((part) => part.test(title)))).toEqual([]);
});
