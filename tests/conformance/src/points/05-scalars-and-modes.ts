import {
  arange,
  autograd,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
  type Tensor,
  zeros,
} from "@kindling/autograd";
import { expect } from "vitest";
import { type Point, thrown } from "./place.js";

const ONLY_SCALARS = "grad can be implicitly created only for scalar outputs";

export const scalarsAndModes: Point = {
  "arange(-8, 8, 0.1) through sigmoid needs a gradient, or a sum": async (at) => {
    const x = arange(-8, 8, 0.1, { ...at.options, requiresGrad: true });
    expect(x.shape).toEqual([160]);
    const y = x.sigmoid();
    expect(thrown(() => y.backward()).message).toBe(ONLY_SCALARS);
    expect(x.grad).toBeNull();
    y.backward(zeros(160, at.options).add(1), { retainGraph: true });
    const slopes = (await at.read(x)).map((v) => Math.exp(-v) / (1 + Math.exp(-v)) ** 2);
    await at.close(x.grad, slopes);
    y.sum().backward();
    await at.close(
      x.grad,
      slopes.map((s) => 2 * s),
    );
  },

  "one element is a scalar, whatever the rank": async (at) => {
    const x = at.leaf(3);
    for (const y of [x.mul(x), x.mul(x).reshape(1), x.mul(x).reshape(1, 1, 1)]) {
      x.grad = null;
      y.backward();
      await at.close(x.grad, [6]);
    }
    x.grad = null;
    x.backward();
    await at.close(x.grad, 1);
  },

  "gradients of wrong shape, number and kind are refused": (at) => {
    const y = at.leaf([1, 2, 3]).mul(2);
    expect(thrown(() => y.backward(at.tensor([1, 2]))).message).toBe(
      "Mismatch in shape: gradOutput[0] has a shape of [2] and output[0] has a shape of [3].",
    );
    expect(thrown(() => y.backward(1.5 as never)).message).toBe(
      "gradients can be either Tensors or null, but got number",
    );
    expect(thrown(() => autograd.backward([y, y], { gradTensors: [at.tensor([1, 2, 3])] })).message).toBe(
      "got 2 tensors and 1 gradients",
    );
  },

  "a gradient of another dtype is converted": async (at) => {
    const x = at.leaf([1, 2, 3]);
    x.mul(2).backward(arange(3, { device: at.device }));
    await at.close(x.grad, [0, 2, 4]);
    expect(x.grad?.dtype).toBe(at.dtype);
  },

  "what has no graph cannot be differentiated": (at) => {
    const text = "element 0 of tensors does not require grad and does not have a gradFn";
    expect(thrown(() => at.tensor([1]).sum().backward()).message).toBe(text);
    expect(thrown(() => at.leaf([1]).detach().backward()).message).toBe(text);
    expect(thrown(() => autograd.backward([at.leaf([1]), at.tensor([1])])).message).toBe(text.replace("0", "1"));
  },

  "noGrad records nothing, enableGrad inside it does": async (at) => {
    const x = at.leaf([1, 2]);
    const [y, z, g] = noGrad(() => {
      const inner = enableGrad(() => [x.mul(2), isGradEnabled()] as const);
      return [x.mul(2), inner[0], [isGradEnabled(), inner[1]]] as const;
    });
    expect([y.requiresGrad, y.gradFn, z.requiresGrad, ...g]).toEqual([false, null, true, false, true]);
    z.sum().backward();
    await at.close(x.grad, [2, 2]);
    expect(noGrad(() => at.leaf([1]).requiresGrad)).toBe(true);
  },

  "setGradEnabled takes the mode": (at) => {
    const x = at.leaf([1]);
    const on = (mode: boolean): boolean => setGradEnabled(mode, () => x.mul(2).requiresGrad);
    expect([on(true), on(false), noGrad(() => on(true)), isGradEnabled()]).toEqual([true, false, true, true]);
    expect(autograd.setGradEnabled(false, () => autograd.isGradEnabled())).toBe(false);
  },

  "modes end with their function, also by an error": () => {
    const fail = (): never => {
      throw new Error("inside");
    };
    for (const mode of [noGrad, inferenceMode, enableGrad]) expect(() => mode(fail)).toThrow("inside");
    expect([isGradEnabled(), isInferenceModeEnabled()]).toEqual([true, false]);
  },

  "a function that returns a promise is refused, and the error says why": () => {
    for (const [name, mode] of Object.entries({ noGrad, enableGrad, inferenceMode })) {
      const { message } = thrown(() => mode(async () => 1));
      expect(message).toContain(`${name}(fn): fn returned a promise.`);
      expect(message).toContain("await");
    }
    expect(thrown(() => setGradEnabled(false, async () => 1)).message).toContain("setGradEnabled(fn)");
    expect(isGradEnabled()).toBe(true);
  },

  "detach shares memory and version, and cuts the graph": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(2);
    const d = y.detach();
    expect([d.requiresGrad, d.isLeaf, d.gradFn]).toEqual([false, true, null]);
    d.add_(1);
    await at.close(y, [3, 5]);
    expect(y.version).toBe(1);
    y.mul(d).sum().backward();
    await at.close(x.grad, [6, 10]);
  },

  "data shares memory, but not the version": async (at) => {
    const x = at.leaf([1, 2]);
    x.data.mul_(3);
    await at.close(x, [3, 6]);
    expect(x.version).toBe(0);
    const y = x.exp();
    y.data.fill_(0); // goes unnoticed
    y.sum().backward();
    await at.close(x.grad, [0, 0]);
  },

  "detach_ makes a leaf": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(2);
    const z = y.mul(3);
    y.detach_();
    expect([y.isLeaf, y.requiresGrad]).toEqual([true, false]);
    z.sum().backward();
    await at.close(x.grad, [6, 6]);
    expect(thrown(() => x.mul(2).view(-1).detach_()).message).toContain(
      "Can't detach views in-place. Use detach() instead.",
    );
  },

  "requiresGrad can be set on leaves only": (at) => {
    const x = at.tensor([1, 2]);
    expect(x.requiresGrad_()).toBe(x);
    expect(x.mul(2).requiresGrad).toBe(true);
    x.requiresGrad = false;
    expect(x.mul(2).requiresGrad).toBe(false);
    const y = at.leaf([1]).mul(2);
    expect(y.requiresGrad_(true)).toBe(y);
    expect(
      thrown(() => {
        y.requiresGrad = true;
      }).message,
    ).toBe("you can only change requiresGrad flags of leaf variables.");
    expect(thrown(() => y.requiresGrad_(false)).message).toBe(
      "you can only change requiresGrad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use varNoGrad = var.detach().",
    );
    const whole = arange(3, { device: at.device });
    expect(thrown(() => whole.requiresGrad_()).message).toBe(
      "only Tensors of floating point dtype can require gradients",
    );
  },

  "a leaf that is frozen after its use gets no gradient": (at) => {
    const x = at.leaf([1]);
    const y = x.mul(2).sum();
    x.requiresGrad_(false);
    y.backward();
    expect(x.grad).toBeNull();
  },

  "grad can be set, if it fits": async (at) => {
    const x = at.leaf([1, 2]);
    const g = at.tensor([3, 4]);
    x.grad = g;
    expect(x.grad).toBe(g);
    x.sum().backward();
    await at.close(x.grad, [4, 5]);
    x.grad = null;
    expect(x.grad).toBeNull();
    const set = (value: unknown) => thrown(() => (x.grad = value as Tensor)).message;
    expect(set(at.tensor([1, 2, 3]))).toBe("assigned grad has data of a different size");
    expect(set(3)).toContain("assigned grad expected to be a Tensor or null but got grad of type");
    expect(set(x)).toBe("can't assign Variable as its own grad");
    expect(set(arange(2, { device: at.device }))).toContain("assigned grad has data of a different type");
  },

  "inferenceMode makes tensors that no graph can save": (at) => {
    const x = at.leaf([1, 2]);
    const t = inferenceMode(() => x.mul(2));
    expect([t.isInference(), t.requiresGrad, x.isInference()]).toEqual([true, false, false]);
    expect(x.add(t).requiresGrad).toBe(true);
    expect(thrown(() => x.mul(t)).message).toBe(
      "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd.",
    );
    expect(x.mul(t.clone()).requiresGrad).toBe(true);
    expect(inferenceMode(() => enableGrad(() => x.mul(2).requiresGrad))).toBe(false);
  },

  "inference tensors are changed and made to require gradients inside the mode only": async (at) => {
    const t = inferenceMode(() => at.tensor([1, 2]));
    expect(thrown(() => t.add_(1)).message).toBe(
      "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.",
    );
    expect(thrown(() => t.requiresGrad_()).message).toBe(
      "Setting requiresGrad=true on inference tensor outside InferenceMode is not allowed.",
    );
    inferenceMode(() => t.add_(1));
    await at.close(t, [2, 3]);
    expect(inferenceMode(() => t.select(0, 0)).isInference()).toBe(true);
  },

  "in inferenceMode a normal tensor stays one, and its changes are counted": (at) => {
    const x = at.tensor([1, 2]);
    inferenceMode(() => x.add_(1));
    expect([x.version, x.isInference(), inferenceMode(() => x.view(2, 1)).isInference()]).toEqual([1, false, false]);
  },
};
