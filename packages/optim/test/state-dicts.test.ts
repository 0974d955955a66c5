import { ones, type Tensor, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { Adam, SGD } from "../src/index.js";
import { expectClose, fixture, flat, optimizers, parameters, trajectory } from "./support.js";

const weight = (): Tensor => ones(2).requiresGrad_();

describe("state dicts", () => {
  it("have PyTorch's layout", () => {
    const params = parameters("float64");
    const optimizer = new Adam([{ params: params[1], lr: 0.5 }, { params: [params[0]] }], { weightDecay: 0.1 });
    trajectory(optimizer, params, 0, 2);
    const { state, param_groups } = optimizer.stateDict();
    expect(param_groups).toEqual([
      { params: [0], lr: 0.5, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.1, amsgrad: false, maximize: false },
      { params: [1], lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.1, amsgrad: false, maximize: false },
    ]);
    expect([...state.keys()].sort()).toEqual([0, 1]);
    const { step, exp_avg, ...others } = state.get(0) as Record<string, Tensor>;
    expect(step.item()).toBe(2);
    expect(exp_avg.shape).toEqual([2, 2]);
    expect(Object.keys(others)).toEqual(["exp_avg_sq"]);
  });

  for (const [name, options, dtype, groups, rows] of fixture.trajectories.filter((t) => t[2] === "float32" || t[3])) {
    it(`${name} ${JSON.stringify(options)} goes on from one to the same numbers`, () => {
      const params = parameters(dtype);
      const given = (of: Tensor[]) => (groups ? groups.map((group, i) => ({ params: [of[i]], ...group })) : of);
      const first = new optimizers[name](given(params), options);
      const before = trajectory(first, params, 0, 3);
      const dict = first.stateDict();
      const copies = parameters(dtype, before[2]);
      const second = new optimizers[name](given(copies), { lr: 9 });
      second.loadStateDict(dict);
      expect(trajectory(second, copies, 3)).toEqual(trajectory(first, params, 3));
      expectClose(flat(copies), rows[5], dtype === "float64" ? 1e-14 : 5e-7);
    });
  }

  it.each(fixture.checkpoints.map((checkpoint) => [checkpoint.name, checkpoint] as const))(
    "of PyTorch's %s go on here",
    (name, checkpoint) => {
      for (const bare of [false, true]) {
        const state = Object.fromEntries(
          Object.entries(checkpoint.state).map(([number, kept]) => [
            number,
            Object.fromEntries(
              Object.entries(kept).map(([key, value]) => [
                key,
                bare && key === "step" ? value : tensor(value as number[], { dtype: "float64" }),
              ]),
            ),
          ]),
        );
        const params = parameters("float64", checkpoint.params);
        const optimizer = new optimizers[name](params, { lr: 1 });
        optimizer.loadStateDict({ state, param_groups: checkpoint.param_groups });
        trajectory(optimizer, params, 3).forEach((row, i) => {
          expectClose(row, checkpoint.rows[i], 1e-14);
        });
        expect(optimizer.stateDict().param_groups[0]).toMatchObject(checkpoint.param_groups[0]);
      }
    },
  );

  it("are copied when loaded, into the dtype of the parameters", () => {
    const [a, b] = [weight(), ones(2, { dtype: "float64" }).requiresGrad_()];
    a.grad = ones(2);
    const first = new Adam([a]);
    first.step();
    const second = new Adam([b]);
    second.loadStateDict(first.stateDict());
    first.step();
    const { step, exp_avg } = second.stateDict().state.get(0) as Record<string, Tensor>;
    expect([step.item(), step.dtype, exp_avg.dtype]).toEqual([1, "float32", "float64"]);
  });

  it("that do not fit are refused and change nothing", () => {
    const optimizer = new SGD([weight(), weight()], { lr: 0.1 });
    const dict = optimizer.stateDict();
    const [group] = dict.param_groups;
    expect(() => optimizer.loadStateDict({ ...dict, param_groups: [group, group] })).toThrow(
      "loaded state dict has a different number of parameter groups",
    );
    expect(() => optimizer.loadStateDict({ ...dict, param_groups: [{ lr: 5, params: [0] }] })).toThrow(
      "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    );
    expect(optimizer.paramGroups[0].lr).toBe(0.1);
  });
});
