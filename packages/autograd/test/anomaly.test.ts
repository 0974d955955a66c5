import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { autograd, type Tensor, tensor } from "../src/index.js";

const leaf = (data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

function userOfSqrt(x: Tensor): Tensor {
  return x.sqrt();
}

describe("anomaly detection", () => {
  const warn = vi.fn();
  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(warn);
    warn.mockReset();
  });
  afterEach(() => {
    autograd.setDetectAnomaly(false);
    vi.restoreAllMocks();
  });
  const warning = (): string => warn.mock.calls[0][0];

  it("finds the derivative that gives NaN, and where its operation was called", () => {
    const run = (): void =>
      userOfSqrt(leaf([0]))
        .mul(0)
        .sum()
        .backward();
    run();
    expect(warn).not.toHaveBeenCalled();
    expect(() => autograd.detectAnomaly(run)).toThrow(
      "Function 'SqrtBackward0' returned nan values in its 0th output.",
    );
    expect(warning()).toContain("Error detected in SqrtBackward0. Traceback of forward call that caused the error:\n");
    expect(warning()).toContain("userOfSqrt");
    expect(() => autograd.detectAnomaly(run, { checkNan: false })).not.toThrow();
  });

  it("shows where a value was made that was changed in place", () => {
    const run = (): void => {
      const y = leaf([1]).sigmoid();
      y.add_(1);
      y.sum().backward();
    };
    expect(() => autograd.detectAnomaly(run)).toThrow(
      "Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!",
    );
    expect(warning()).toContain("Error detected in SigmoidBackward0. Traceback of forward call");
    expect(run).toThrow("with autograd.setDetectAnomaly(true).");
  });

  it("follows second derivatives to the first", () => {
    autograd.setDetectAnomaly(true);
    const x = leaf([0]);
    const [g] = autograd.grad(userOfSqrt(x.add(1)).sub(1).pow(1.5).sum(), x, { createGraph: true }) as [Tensor];
    expect(() => g.mul(0).sum().backward()).toThrow("returned nan values");
    expect(warning()).toMatch(/Previous calculation was induced by \w+Backward0\. Traceback of forward call/);
  });

  it("knows nothing of forward passes before it was switched on", () => {
    const loss = leaf([0]).sqrt().mul(0).sum();
    autograd.setDetectAnomaly(true);
    expect(() => loss.backward()).toThrow("returned nan values");
    expect(warning()).toBe(
      "Error detected in SqrtBackward0. No forward pass information available. Enable detect anomaly during forward pass for more information.",
    );
  });

  it("is a mode like the others", () => {
    expect(autograd.isAnomalyEnabled()).toBe(false);
    expect(autograd.detectAnomaly(() => autograd.isAnomalyEnabled())).toBe(true);
    autograd.setDetectAnomaly(true, { checkNan: false });
    expect(() => leaf([0]).sqrt().mul(0).sum().backward()).not.toThrow();
    expect(() => autograd.detectAnomaly(async () => {})).toThrow("fn returned a promise");
    expect(autograd.isAnomalyEnabled()).toBe(true);
    autograd.setDetectAnomaly(false);
    expect(autograd.isAnomalyEnabled()).toBe(false);
  });
});
