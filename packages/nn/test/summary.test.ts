import { randn } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

class Net extends nn.Module {
  body = new nn.Sequential(new nn.Linear(4, 8), new nn.Dropout(0.5), new nn.GRU(8, 3));
  head = new nn.Linear(3, 3);
  again = this.head;

  override forward(x: ReturnType<typeof randn>) {
    const [y] = this.body.forward(x) as unknown as [typeof x];
    return this.again.forward(this.head.forward(y));
  }
}

describe("summary", () => {
  it("shows shapes, uses and parameters", () => {
    const net = new Net();
    net.head.requiresGrad_(false);
    expect(net.summary(randn(5, 2, 4))).toMatchInlineSnapshot(`
      "module               output        parameters
      ─────────────────────────────────────────────
      Net                  [5, 2, 3]              –
      ├─ body: Sequential  [5, 2, 3]              –
      │  ├─ 0: Linear      [5, 2, 8]             40
      │  ├─ 1: Dropout     [5, 2, 8]              –
      │  └─ 2: GRU         [5, 2, 3]            117
      └─ head: Linear      [5, 2, 3] ×2          12
      ─────────────────────────────────────────────
      169 parameters (0.7 kB), 157 of them learn"
    `);
    expect(net.training).toBe(true);
    expect(Object.hasOwn(net.head, "forward")).toBe(false);
  });

  it("shows parameters alone without inputs", () => {
    expect(new nn.Linear(1000, 1000).summary()).toMatchInlineSnapshot(`
      "module  parameters
      ──────────────────
      Linear   1,001,000
      ──────────────────
      1,001,000 parameters (4.0 MB)"
    `);
  });

  it("leaves the module as it was when it cannot run", () => {
    const net = new Net();
    expect(() => net.summary(randn(5, 2, 3))).toThrow();
    expect(Object.hasOwn(net.body, "forward")).toBe(false);
    expect(net.training).toBe(true);
  });
});
