import { getDevice, registerKernels, unregisterKernels } from "@kindling/storage";
import { afterEach, describe, expect, it } from "vitest";
import { ones, profile, tensor } from "../src/index.js";

const x = ones(2, 3);
const y = ones(3, 2);
const callsOf = (rows: readonly { name: string; calls: number }[]) =>
  Object.fromEntries(rows.map(({ name, calls }) => [name, calls]));

afterEach(() => unregisterKernels("cpu", "test"));

describe("profile", () => {
  it("counts and times kernels, and gives what the function returned", () => {
    const { rows, time, result } = profile(() => {
      x.add(1).add(2);
      return x.matmul(y).exp().sum().item();
    });
    expect(callsOf(rows)).toEqual({ "binary.add": 2, matmul: 1, "unary.exp": 1, "reduce.sum": 1 });
    expect(result).toBeCloseTo(4 * Math.exp(3), 3);
    for (const row of rows) expect(row.time).toBeGreaterThanOrEqual(0);
    expect(rows.reduce((sum, row) => sum + row.time, 0)).toBeLessThanOrEqual(time);
    expect(rows.map((r) => r.time)).toEqual(rows.map((r) => r.time).sort((a, b) => b - a));
  });

  it("prints a table", () => {
    const lines = String(profile(() => x.add(1))).split("\n");
    expect(lines[0]).toMatch(/^kernel +calls +ms +share$/);
    expect(lines[1]).toMatch(/^binary\.add +1 +\d+\.\d{3} +\d+\.\d %$/);
    expect(lines.slice(2).map((line) => line.split(")")[0])).toEqual(["(outside of kernels", "(all"]);
  });

  it("leaves the kernels as they were, also after an error", () => {
    const before = getDevice("cpu").kernels.matmul.float32;
    expect(() =>
      profile(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    profile(() => x.add(1));
    const { rows } = profile(() => 0);
    x.add(1);
    expect(rows).toEqual([]);
    expect(getDevice("cpu").kernels.matmul.float32.name).toBe(before.name);
  });

  it("waits for a function that returns a promise", async () => {
    const { rows, result } = await profile(async () => {
      await null;
      return x.mul(2);
    });
    expect(callsOf(rows)).toEqual({ "binary.mul": 1 });
    expect(result.shape).toEqual([2, 3]);
    await expect(profile(() => Promise.reject(new Error("later")))).rejects.toThrow("later");
    expect(profile(() => 1).rows).toEqual([]);
  });

  it("may be nested: the outer one counts all", () => {
    const outer = profile(() => profile(() => x.neg()).rows.length);
    expect(outer.result).toBe(1);
    expect(callsOf(outer.rows)).toEqual({ "unary.neg": 1 });
  });

  it("sees the kernels that providers stack", () => {
    const kernel = getDevice("cpu").kernels.unary.float32;
    registerKernels("cpu", { name: "test", kernels: { unary: { float32: { run: kernel } } } });
    expect(callsOf(profile(() => tensor([1]).exp()).rows)).toEqual({ "unary.exp": 1 });
  });
});
