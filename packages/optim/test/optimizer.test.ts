import { isGradEnabled, noGrad, ones, type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import {
  Adadelta,
  Adagrad,
  Adam,
  AdamW,
  ASGD,
  GradientAccumulator,
  Muon,
  NAdam,
  Optimizer,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} from "../src/index.js";
import { expectClose, fixture, flat, newTensor, optimizers, parameters, trajectory } from "./support.js";

const weight = (): Tensor => ones(2).requiresGrad_();

describe("trajectories are PyTorch's", () => {
  for (const [name, options, dtype, groups, rows] of fixture.trajectories) {
    it(`${name} ${JSON.stringify(options)}${groups ? ` in groups ${JSON.stringify(groups)}` : ""}, ${dtype}`, () => {
      const params = parameters(dtype);
      const given = groups ? groups.map((group, i) => ({ params: [params[i]], ...group })) : params;
      const results = trajectory(new optimizers[name](given, options), params);
      results.forEach((row, i) => {
        expectClose(row, rows[i], dtype === "float64" ? 1e-14 : 5e-7);
      });
    });
  }
});

describe("Muon follows its formula", () => {
  const { shapes, params: values, grads, trajectories } = fixture.matrices;
  for (const [name, options, rows] of trajectories) {
    it(JSON.stringify(options), () => {
      const params = values.map((row, i) => newTensor(row, shapes[i], "float64").requiresGrad_());
      const optimizer = new optimizers[name](params, options);
      rows.forEach((row, step) => {
        params.forEach((p, i) => {
          p.grad = newTensor(grads[step][i], shapes[i], "float64");
        });
        optimizer.step();
        expectClose(flat(params), row, 1e-13);
      });
    });
  }

  it("for matrices alone", () => {
    expect(() => new Muon([ones(2)])).toThrow(
      "Muon only supports 2D parameters whereas we found a parameter with size: [2]",
    );
    expect(() => new Muon([ones(2, 2)], { nsSteps: 100 })).toThrow("Number of steps must be less than 100");
    expect(() => new Muon([ones(2, 2)], { adjustLrFn: "no" as "original" })).toThrow("no is not supported");
  });
});

describe("step", () => {
  it("leaves parameters without a gradient as they are, momentum included", () => {
    const [a, b] = [weight(), weight()];
    const optimizer = new SGD([a, b], { lr: 0.1, momentum: 0.9, weightDecay: 0.5 });
    a.grad = ones(2);
    optimizer.step();
    expect(b.tolist()).toEqual([1, 1]);
    expect([...optimizer.state.keys()]).toEqual([a]);
  });

  it("gives the closure's loss, computed with recording on", () => {
    const w = weight();
    const optimizer = new SGD([w], { lr: 0.1 });
    const loss = noGrad(() =>
      optimizer.step(() => {
        expect(isGradEnabled()).toBe(true);
        const value = w.mul(w).sum();
        value.backward();
        return value;
      }),
    );
    expect(loss.item()).toBe(2);
    expect(w.toTypedArray()[0]).toBeCloseTo(0.8, 6);
    expect(w.requiresGrad && w.isLeaf).toBe(true);
    expect(optimizer.step()).toBeNull();
  });

  it("waits for an asynchronous closure", async () => {
    const w = weight();
    const optimizer = new SGD([w], { lr: 0.1 });
    const promise = optimizer.step(async () => {
      await null;
      const value = w.mul(w).sum();
      value.backward();
      return value.item();
    });
    expect(w.tolist()).toEqual([1, 1]);
    expect(await promise).toBe(2);
    expect(w.toTypedArray()[0]).toBeCloseTo(0.8, 6);
    await expect(optimizer.step(() => Promise.reject(new Error("no loss")))).rejects.toThrow("no loss");
  });

  it("counts as an in-place change of the parameter", () => {
    const w = weight();
    const y = w.mul(w).sum();
    w.grad = ones(2);
    new SGD([w], { lr: 0.1 }).step();
    expect(() => y.backward()).toThrow("modified by an inplace operation");
  });

  it("does not keep a gradient's memory as its momentum", () => {
    const w = weight();
    const optimizer = new SGD([w], { lr: 0.1, momentum: 0.9 });
    w.grad = ones(2);
    optimizer.step();
    w.grad.zero_();
    expect(optimizer.state.get(w)).toMatchObject({ momentum_buffer: expect.anything() });
    expect(flat([(optimizer.state.get(w) as unknown as { momentum_buffer: Tensor }).momentum_buffer])).toEqual([1, 1]);
  });

  it("takes options from groups that change between steps", () => {
    const w = weight();
    const optimizer = new SGD([w], { lr: 0.5 });
    optimizer.paramGroups[0].lr = 0.25;
    w.grad = ones(2);
    optimizer.step();
    expect(w.tolist()).toEqual([0.75, 0.75]);
  });
});

describe("zeroGrad", () => {
  it("forgets gradients, or fills them with zeros", () => {
    const w = weight();
    const optimizer = new SGD([w], { lr: 0.1 });
    w.grad = ones(2);
    optimizer.zeroGrad();
    expect(w.grad).toBeNull();
    w.grad = ones(2);
    optimizer.zeroGrad({ setToNull: false });
    expect(w.grad?.tolist()).toEqual([0, 0]);
    // @ts-expect-error an option that does not exist
    expect(() => optimizer.zeroGrad({ setToNone: false })).toThrow("unexpected keyword argument 'setToNone'");
  });
});

describe("groups", () => {
  it("take what they lack from the optimizer, and keep further keys", () => {
    const optimizer = new Adam([
      { params: weight(), lr: 0.5, name: "head" },
      { params: [weight()], betas: [0.5, 0.9] },
    ]);
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 0.5, betas: [0.9, 0.999], eps: 1e-8, name: "head" });
    expect(optimizer.paramGroups[1]).toMatchObject({ lr: 1e-3, betas: [0.5, 0.9], amsgrad: false });
    optimizer.addParamGroup({ params: weight(), weightDecay: 0.1 });
    expect(optimizer.paramGroups).toHaveLength(3);
  });

  it("share no arrays", () => {
    const optimizer = new Adam([{ params: weight() }, { params: weight() }]);
    expect(optimizer.paramGroups[0].betas).not.toBe(optimizer.paramGroups[1].betas);
  });

  it("are printed as PyTorch prints them", () => {
    expect(String(new SGD([weight()], { lr: 0.1 }))).toBe(
      "SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.1\n    maximize: false\n    momentum: 0\n    nesterov: false\n    weightDecay: 0\n)",
    );
  });
});

describe("what is refused", () => {
  const w = weight();
  const of = (params: unknown, options: unknown = { lr: 0.1 }) => new optimizers.SGD(params, options);
  const cases: [string, () => unknown, string][] = [
    ["no parameters", () => of([]), "optimizer got an empty parameter list"],
    [
      "a tensor",
      () => of(w),
      "params argument given to the optimizer should be an iterable of Tensors or dicts, but got Tensor",
    ],
    ["a module", () => of({ forward() {} }), "should be an iterable of Tensors or dicts, but got Object"],
    ["a number among them", () => of([w, 3]), "optimizer can only optimize Tensors, but one of the params is number"],
    ["a group among tensors", () => of([w, { params: w }]), "but one of the params is Object"],
    ["a set", () => of([{ params: new Set([w]) }]), "optimizer parameters need to be organized in ordered collections"],
    ["a result", () => of([w.mul(2)]), "can't optimize a non-leaf Tensor"],
    [
      "a parameter in two groups",
      () => of([{ params: w }, { params: [w] }]),
      "some parameters appear in more than one parameter group",
    ],
    ["a parameter twice", () => of([w, w]), "optimizer contains a parameter group with duplicate parameters"],
    [
      "no learning rate",
      () => of([w], {}),
      "parameter group didn't specify a value of required optimization parameter lr",
    ],
    ["PyTorch's spelling in a group", () => of([{ params: w, weight_decay: 1 }]), "it is spelled 'weightDecay'"],
    ["an unknown option", () => of([w], { lr: 1, moment: 1 }), "SGD() got an unexpected keyword argument 'moment'"],
    ["a rate below 0", () => of([w], { lr: -1 }), "Invalid learning rate: -1"],
    ["a rate below 0 in a group", () => of([{ params: w, lr: -1 }]), "Invalid learning rate: -1"],
    ["a rate that is no number", () => of([w], { lr: "1" }), "Invalid learning rate: 1"],
    ["momentum below 0", () => of([w], { lr: 1, momentum: -0.5 }), "Invalid momentum value: -0.5"],
    ["decay below 0", () => of([w], { lr: 1, weightDecay: -0.5 }), "Invalid weightDecay value: -0.5"],
    [
      "Nesterov without momentum",
      () => of([w], { lr: 1, nesterov: true }),
      "Nesterov momentum requires a momentum and zero dampening",
    ],
    ["betas of 1", () => new Adam([w], { betas: [0.9, 1] }), "Invalid beta parameter at index 1: 1"],
    ["eps below 0", () => new AdamW([w], { eps: -1 }), "Invalid epsilon value: -1"],
    ["alpha below 0", () => new RMSprop([w], { alpha: -1 }), "Invalid alpha value: -1"],
    ["lrDecay below 0", () => new Adagrad([w], { lrDecay: -1 }), "Invalid lrDecay value: -1"],
    [
      "an optimizer without a step",
      () => {
        const o = new Optimizer([w], { lr: 1 });
        w.grad = zeros(2);
        o.step();
      },
      "implements neither update() nor step()",
    ],
  ];
  for (const [what, run, text] of cases) it(what, () => expect(run).toThrow(text));
});

describe("options of PyTorch 2", () => {
  const decayed = (make: typeof NAdam | typeof RAdam, options: object): number[] => {
    const w = ones(2, { dtype: "float64" }).requiresGrad_();
    w.grad = ones(2, { dtype: "float64" });
    new make([w], { lr: 0.1, weightDecay: 0.5, ...options }).step();
    return flat([w]);
  };

  it.each([NAdam, RAdam])("%o decays weights beside the gradient", (make) => {
    const plain = decayed(make, { weightDecay: 0 });
    expectClose(
      decayed(make, { decoupledWeightDecay: true }),
      plain.map((x) => x - 0.05),
      1e-14,
    );
    expectClose(
      decayed(make, { weightDecay: 0, maximize: true }),
      plain.map((x) => 2 - x),
      1e-14,
    );
  });
});

describe("small things", () => {
  it("options come by position too", () => {
    expect(new Adam([weight()], 0.1, [0.5, 0.9], 1e-3).defaults).toMatchObject({
      lr: 0.1,
      betas: [0.5, 0.9],
      eps: 1e-3,
    });
    expect(new SGD([weight()], 0.1, 0.9, { nesterov: true }).defaults).toMatchObject({ momentum: 0.9, nesterov: true });
  });

  it("no closure is null as well", () => {
    expect(new SGD([weight()], 0.1).step(null)).toBeNull();
  });

  it("print as in Python", () => {
    expect(String(new Adam([weight()], { lr: 0.1 }))).toBe(
      "Adam (\nParameter Group 0\n    amsgrad: false\n    betas: (0.9, 0.999)\n    eps: 1e-08\n    lr: 0.1\n    maximize: false\n    weightDecay: 0\n)",
    );
  });

  it("numbers on the host stay float32 there when a state is loaded", () => {
    const w = ones(1, { dtype: "float64" }).requiresGrad_();
    const make = (): NAdam => new NAdam([w]);
    const first = make();
    w.grad = ones(1, { dtype: "float64" });
    first.step();
    const second = make();
    second.loadStateDict(first.stateDict());
    const state = second.stateDict().state.get(0) as Record<string, Tensor>;
    expect([state.mu_product.dtype, state.step.dtype, state.exp_avg.dtype]).toEqual(["float32", "float32", "float64"]);
  });

  it("refuses options out of range, in PyTorch's words", () => {
    expect(() => new Adadelta([weight()], { rho: 2 })).toThrow("Invalid rho value: 2");
    expect(() => new NAdam([weight()], { momentumDecay: -1 })).toThrow("Invalid momentumDecay value: -1");
    expect(() => new Rprop([weight()], { etas: [1, 2] })).toThrow("Invalid eta values: 1, 2");
    expect(() => new ASGD([weight()], { weightDecay: -1 })).toThrow("Invalid weightDecay value: -1");
    expect(() => new SGD([weight()], 0.1).loadStateDict(null as never)).toThrow("has a list `param_groups`");
  });
});

describe("GradientAccumulator", () => {
  it("makes one step of several batches", () => {
    const [x, y] = [tensor([1, 2, 3, 4, 5, 6], { dtype: "float64" }), tensor([3, 1, 4, 1, 5, 9], { dtype: "float64" })];
    const run = (batches: [number, number][], steps: number): number[] => {
      const w = zeros(1, { dtype: "float64" }).requiresGrad_();
      const optimizer = new SGD([w], 0.01);
      const norms: number[] = [];
      const accumulator = new GradientAccumulator(optimizer, steps, {
        beforeStep: () => norms.push(w.grad?.norm().item() as number),
      });
      const stepped = batches.map(([start, length]) => {
        const error = x
          .narrow(0, start, length)
          .mul(w)
          .sub(y.narrow(0, start, length));
        return accumulator.backward(error.mul(error).mean());
      });
      const left = accumulator.flush();
      expect([...stepped, left].filter(Boolean)).toHaveLength(norms.length);
      expect(w.grad).toBeNull();
      return flat([w]);
    };
    const halves: [number, number][] = [
      [0, 2],
      [2, 2],
    ]; // prettier-ignore
    expectClose(run(halves, 2), run([[0, 4]], 1), 1e-14);
    // three batches at two to a step: the last one alone counts whole
    expectClose(
      run([...halves, [4, 2]], 2),
      run(
        [
          [0, 4],
          [4, 2],
        ],
        1,
      ),
      1e-14,
    ); // prettier-ignore
    expect(() => new GradientAccumulator(new SGD([weight()], 1), 0)).toThrow(
      "steps should be a positive integer, but got 0",
    );
  });
});
