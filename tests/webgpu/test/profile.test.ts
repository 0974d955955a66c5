import { ones, profile } from "@kindling/autograd";
import { getDevice, init } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { openWebGpu } from "../src/adapter.js";

const found = await openWebGpu();
const missing = typeof found === "string" ? ` (skipped: ${found})` : "";

describe.skipIf(missing !== "")(`the profiler${missing}`, () => {
  it("gives the device's times, as a table and as a trace", async () => {
    await init("webgpu");
    const clock = getDevice("webgpu").backend.record !== undefined;
    const x = ones(200, 100).to("webgpu");
    const report = await profile(async () => {
      let y = x;
      for (let i = 0; i < 300; i++) y = y.mul(x);
      return (await y.exp().cpu()).at(0, 0).item();
    });
    expect(report.result).toBeCloseTo(Math.E, 5);
    const products = report.events.filter(({ name, device }) => device === "webgpu" && name.includes("mul"));
    expect(products.length).toBe(300);
    expect(report.rows.find(({ name }) => name.includes("mul"))?.calls).toBe(300);
    if (clock) {
      expect(products.every(({ time }) => time >= 0 && time < report.time)).toBe(true);
      expect(products.some(({ time }) => time > 0)).toBe(true);
      const starts = products.map(({ start }) => start);
      expect([...starts].sort((a, b) => a - b)).toEqual(starts);
    }
    expect(String(report)).toMatch(/kernel +calls +ms +share\n(.*\n)*.*exp/);
    const { traceEvents } = JSON.parse(report.trace());
    expect(traceEvents.filter((event: { ph: string }) => event.ph === "X").length).toBe(report.events.length);
    expect(traceEvents).toContainEqual({
      ph: "M",
      name: "thread_name",
      pid: 1,
      tid: expect.any(Number),
      args: { name: "webgpu" },
    });
  });

  it("costs nothing outside of it", async () => {
    const x = ones(3).to("webgpu");
    expect((await x.add(1).cpu()).tolist()).toEqual([2, 2, 2]);
    const issued = profile(() => x.add(1));
    expect(issued.rows.map(({ name }) => name)).toEqual(["binary.add"]);
    expect((await issued.result.cpu()).tolist()).toEqual([2, 2, 2]);
  });
});
