import { autograd, noGrad, stack, type Tensor, tensor } from "@kindling/autograd";
import { Linear } from "@kindling/nn";
import { SGD } from "@kindling/optim";
import { expect } from "vitest";
import { programs } from "./fixtures.js";
import { type Place, type Point, thrown } from "./place.js";
import { check, title } from "./programs.js";

/** Expects that a write into `a` does not reach `b`, nor the other way round. */
async function apart(at: Place, a: Tensor, b: Tensor): Promise<void> {
  const [before, other] = [await at.read(a), await at.read(b)];
  a.data.add_(1000);
  await at.close(b, other);
  b.data.add_(3000);
  await at.close(
    a,
    before.map((x) => x + 1000),
  );
  a.data.sub_(1000);
  b.data.sub_(3000);
}

async function allApart(at: Place, tensors: readonly (Tensor | null | undefined)[]): Promise<void> {
  const list = tensors as readonly Tensor[];
  expect(list.every((t) => t)).toBe(true);
  for (let i = 0; i < list.length; i++) for (let j = 0; j < i; j++) await apart(at, list[i], list[j]);
}

const MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation: ";

export const inPlaceAndViews: Point = {
  ...Object.fromEntries(
    programs.map((program, i) => [`program ${i}: ${title(program)}`, (at: Place) => check(at, program)]),
  ),

  "a changed value that was saved makes backward throw": (at) => {
    const x = at.leaf([1, 2, 3]);
    const y = x.sigmoid();
    y.add_(1);
    const kind = at.dtype === "float64" ? "DoubleTensor" : "FloatTensor";
    expect(thrown(() => y.sum().backward()).message).toBe(
      `${MODIFIED}[${kind} [3]], which is output 0 of SigmoidBackward0, is at version 1; expected version 0 instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with autograd.setDetectAnomaly(true).`,
    );
  },

  "of a leaf the text names no operation": (at) => {
    const w = at.leaf([1, 2]);
    const y = at.leaf([3, 4]).mul(w);
    noGrad(() => w.add_(1));
    expect(thrown(() => y.sum().backward()).message).toContain("[2]] is at version 1; expected version 0 instead.");
  },

  "it is noticed through views, bases and detach, and only where it is needed": async (at) => {
    const through = (change: (y: Tensor) => void): string | null => {
      const y = at.leaf([1, 2]).mul(1);
      const z = y.exp();
      change(z);
      try {
        z.sum().backward();
        return null;
      } catch (error) {
        return (error as Error).message.slice(0, 40);
      }
    };
    const modified = MODIFIED.slice(0, 40);
    expect(through((z) => z.select(0, 0).zero_())).toBe(modified);
    expect(through((z) => z.detach().zero_())).toBe(modified);
    expect(through((z) => noGrad(() => z.zero_()))).toBe(modified);
    expect(through((z) => z.data.zero_())).toBeNull();
    const x = at.leaf([1, 2]);
    const sum = x.add(1);
    sum.mul_(2); // nothing was saved of it
    sum.sum().backward();
    await at.close(x.grad, [2, 2]);
  },

  "a changed value is refused also in graphs that are kept": (at) => {
    const x = at.leaf([1, 2]);
    const y = x.exp();
    const loss = y.mul(y).sum();
    loss.backward({ retainGraph: true });
    y.detach().add_(1);
    expect(thrown(() => loss.backward()).message).toContain(MODIFIED);
  },

  "leaves that require a gradient, and their views, cannot be changed but without the graph": async (at) => {
    const x = at.leaf([
      [1, 2],
      [3, 4],
    ]);
    const text = "a leaf Variable that requires grad is being used in an in-place operation.";
    expect(thrown(() => x.add_(1)).message).toBe(text);
    expect(thrown(() => x.zero_()).message).toBe(text);
    expect(thrown(() => x.select(0, 0).mul_(2)).message).toBe(text.replace("a leaf", "a view of a leaf"));
    expect(thrown(() => x.setAt([0], 1)).message).toContain("a view of a leaf Variable");
    expect(thrown(() => x.view(-1).view(2, 2).mul_(2)).message).toContain("a view of a leaf Variable");
    expect(x.version).toBe(0);
    noGrad(() => {
      x.add_(1);
      x.select(0, 0).mul_(2);
    });
    await at.close(x, [4, 6, 4, 5]);
    expect([x.version, x.isLeaf, x.requiresGrad]).toEqual([2, true, true]);
  },

  "a leaf without a gradient becomes part of the graph": async (at) => {
    const x = at.leaf([2, 3]);
    const buffer = at.tensor([1, 1, 1, 1]);
    buffer.narrow(0, 1, 2).copy_(x);
    expect([buffer.requiresGrad, buffer.isLeaf, buffer.gradFn?.name]).toEqual([true, false, "CopySlices"]);
    buffer.mul(buffer).sum().backward();
    await at.close(x.grad, [4, 6]);
  },

  "writes through one view reach the base, and all its other views": async (at) => {
    const x = at.leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const base = x.mul(1);
    const [row, column, flat] = [base.select(0, 1), base.at(":", 2), base.view(-1)];
    column.mul_(10);
    row.add_(1);
    await at.close(flat, [1, 2, 30, 5, 6, 61]);
    expect([base, row, column, flat].map((t) => t.version)).toEqual([2, 2, 2, 2]);
    flat.mul(flat).sum().backward();
    await at.close(x.grad, [2, 4, 600, 10, 12, 1220]);
  },

  "a buffer that is filled step by step": async (at) => {
    const x = at.leaf([1, 2, 3]);
    const out = at.tensor([0, 0, 0, 0]);
    for (let i = 0; i < 3; i++) out.setAt([i + 1], out.at(i).add(x.at(i)).mul(2));
    await at.close(out, [0, 2, 8, 22]);
    out.at(3).backward();
    await at.close(x.grad, [8, 4, 2]);
  },

  "views made without the graph, and outputs of several views, are not to be changed": (at) => {
    const base = at
      .leaf([
        [1, 2],
        [3, 4],
      ])
      .mul(1);
    const outside = noGrad(() => base.view(-1));
    expect(thrown(() => outside.mul_(2)).message).toBe(
      "A view was created in noGrad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the noGrad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
    );
    const inference = autograd.inferenceMode(() => base.view(-1));
    expect(thrown(() => inference.mul_(2)).message).toContain(
      "A view was created in inference mode and is being modified inplace in normal mode.",
    );
    const several =
      " This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
    const [first, second] = base.unbind();
    expect(thrown(() => second.mul_(2)).message).toBe(
      `Output 1 of UnbindBackward0 is a view and is being modified inplace.${several}`,
    );
    base.mul_(2);
    expect(thrown(() => first.add(1)).message).toBe(
      `Output 0 of UnbindBackward0 is a view and its base or another view of its base has been modified inplace.${several}`,
    );
    expect(thrown(() => base.split(1)[0].mul_(2)).message).toContain("Output 0 of SplitBackward0 is a view");
    noGrad(() => outside.mul_(2));
    noGrad(() => base.chunk(2)[0].mul_(2));
  },

  "a view of a leaf that required a gradient when it was made stays closed": (at) => {
    const closed = "a view of a leaf Variable that requires grad is being used in an in-place operation.";
    const frozen = at.leaf([1, 2]);
    const first = frozen.narrow(0, 0, 1);
    frozen.requiresGrad_(false);
    expect(thrown(() => first.add_(1)).message).toBe(closed);
    const detached = at.leaf([1, 2]);
    const second = detached.view(2, 1);
    detached.detach_();
    expect(thrown(() => second.zero_()).message).toBe(closed);
    expect(thrown(() => at.tensor([1, 2]).view(2, 1).requiresGrad_().mul_(2)).message).toBe(closed);
  },

  "a view whose base left the graph and changed has no gradient to give": (at) => {
    const x = at.leaf([1, 2]);
    const base = x.mul(1);
    const view = base.narrow(0, 0, 1);
    const [part] = base.split(1);
    base.detach_();
    base.mul_(5);
    view.mul(view).sum().backward();
    expect(x.grad).toBeNull();
    expect(thrown(() => part.mul(2)).message).toContain(
      "Output 0 of SplitBackward0 is a view and its base or another view of its base has been modified inplace.",
    );
  },

  "a view of a leaf made without the graph takes a hook, which nothing reaches": async (at) => {
    const x = at.leaf([1, 2]);
    const view = noGrad(() => x.narrow(0, 0, 1));
    expect([view.requiresGrad, view.isLeaf]).toEqual([true, true]);
    view.registerHook((g) => g.mul(100));
    view.add(x).sum().backward();
    await at.close(x.grad, [1, 1]);
  },

  "elements that share memory cannot be written to": (at) => {
    expect(thrown(() => at.tensor([1]).expand(3).add_(1)).message).toBe(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    );
  },

  "but filled with one value": async (at) => {
    const x = at.leaf([[1], [2]]);
    const base = x.mul(1);
    base.expand(2, 3).narrow(0, 0, 1).fill_(5);
    await at.close(base, [5, 2]);
    base.mul(base).sum().backward();
    await at.close(x.grad, [0, 4]);
    base.expand(2, 3).zero_();
    await at.close(base, [0, 0]);
  },

  "indexFill_ takes a number, or a tensor with its gradient": async (at) => {
    const [x, value] = [at.leaf([1, 2, 3]), at.leaf(7)];
    const index = tensor([0, 2], { dtype: "int32", device: at.device });
    const y = x.mul(1);
    y.indexFill_(0, index, value);
    await at.close(y, [7, 2, 7]);
    y.mul(y).sum().backward();
    await at.close(x.grad, [0, 4, 0]);
    await at.close(value.grad, 28);
    await at.close(x.indexFill(0, index, 5), [5, 2, 5]);
    expect(thrown(() => x.indexFill(0, index, at.tensor([1, 2]))).message).toBe(
      "indexFill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s).",
    );
  },

  "in-place results must fit": (at) => {
    expect(
      thrown(() =>
        at.tensor([1, 2, 3]).add_(
          at.tensor([
            [1, 2, 3],
            [4, 5, 6],
          ]),
        ),
      ).message,
    ).toBe("output with shape [3] doesn't match the broadcast shape [2, 3]");
    const whole = at.tensor([1, 2]).to("int32");
    expect(thrown(() => whole.add_(0.5)).message).toMatch(
      /^result type Float can't be cast to the desired output type Int/,
    );
  },

  "overlapping reads and writes of one tensor": async (at) => {
    const x = at.tensor([1, 2, 3, 4]);
    x.narrow(0, 1, 3).add_(x.narrow(0, 0, 3));
    await at.close(x, [1, 3, 5, 7]);
    x.copy_(x.at([3, 2, 1, 0]));
    await at.close(x, [7, 5, 3, 1]);
    const square = at.tensor([
      [1, 2],
      [3, 4],
    ]);
    square.copy_(square.t());
    await at.close(square, [1, 3, 2, 4]);
  },

  "gradients of two leaves never share storage": async (at) => {
    const [a, b, c] = [at.leaf([1, 2]), at.leaf([3, 4]), at.leaf([5, 6])];
    a.add(b).add(c).sum().backward();
    await allApart(at, [a.grad, b.grad, c.grad]);
    const [d, e] = [at.leaf([1, 2]), at.leaf([3, 4])];
    stack([d.view(2), e])
      .view(-1)
      .backward(at.tensor([1, 2, 3, 4]));
    await allApart(at, [d.grad, e.grad]);
  },

  "nor with a gradient that was passed in": async (at) => {
    const [a, b] = [at.leaf([1, 2]), at.leaf([3, 4])];
    const g = at.tensor([1, 1]);
    a.backward(g);
    a.add(b).backward(g);
    await allApart(at, [a.grad, b.grad, g]);
    const h = at.tensor([1, 1]);
    autograd.backward([a.view(2), b.clone()], { gradTensors: [h, h] });
    await allApart(at, [a.grad, b.grad, g, h]);
    await at.close(g, [1, 1]);
  },

  "nor with an expanded tensor": async (at) => {
    const x = at.leaf([
      [1, 2],
      [3, 4],
    ]);
    x.sum().backward();
    expect(x.grad?.strides).toEqual([2, 1]);
    x.grad?.data.select(0, 0).zero_();
    await at.close(x.grad, [0, 0, 1, 1]);
    const y = at.leaf([1, 2]);
    y.backward(at.tensor(1).expand(2));
    y.grad?.data.select(0, 0).zero_();
    await at.close(y.grad, [0, 1]);
    const z = at.leaf([1, 2]);
    z.expand(3, 2).mean(0).sum().backward();
    z.grad?.data.select(0, 0).zero_();
    await at.close(z.grad, [0, 1]);
  },

  "nor with what a hook, a context or an inner tensor keeps": async (at) => {
    const kept: Tensor[] = [];
    class Keep extends autograd.Function {
      static override forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(1);
      }
      static override backward(_ctx: unknown, g: Tensor): Tensor {
        const out = g.mul(2);
        kept.push(g, out);
        return out;
      }
    }
    const [a, b] = [at.leaf([1, 2]), at.leaf([3, 4])];
    a.registerHook((g) => {
      kept.push(g);
    });
    b.registerHook((g) => {
      const out = g.mul(2);
      kept.push(out);
      return out;
    });
    const inner = Keep.apply(a).mul(b);
    inner.retainGrad();
    inner.mul(2).sum().backward();
    await allApart(at, [a.grad, b.grad, inner.grad]);
    for (const k of kept) for (const t of [a.grad, b.grad, inner.grad]) await apart(at, t as Tensor, k);
  },

  "nor with a saved value": async (at) => {
    const x = at.leaf([2, 3]);
    const factor = at.tensor([5, 7]);
    x.mul(factor).sum().backward(); // its gradient holds the numbers of the factor
    await apart(at, x.grad as unknown as Tensor, factor);
    class Give extends autograd.Function {
      static override forward(ctx: autograd.FunctionContext, t: Tensor, other: Tensor): Tensor {
        ctx.saveForBackward(other);
        return t.mul(other);
      }
      static override backward(ctx: autograd.FunctionContext): [Tensor, null] {
        return [ctx.savedTensors[0], null];
      }
    }
    x.grad = null;
    Give.apply(x, factor).sum().backward();
    await apart(at, x.grad as unknown as Tensor, factor);
  },

  "nor when passes are recorded, or add up": async (at) => {
    const [a, b] = [at.leaf([1, 2]), at.leaf([3, 4])];
    const g = at.tensor([1, 1]).requiresGrad_();
    a.add(b).backward(g, { createGraph: true });
    await allApart(at, [a.grad, b.grad, g]);
    a.add(b).backward(g, { createGraph: true });
    await allApart(at, [a.grad, b.grad, g]);
    await at.close(a.grad, [2, 2]);
  },

  "a gradient that is kept does not change when the graph runs again": async (at) => {
    const x = at.leaf([1, 2]);
    const y = x.mul(x);
    const [first] = autograd.grad(y.sum(), x, { retainGraph: true });
    const before = await at.read(first);
    for (let i = 0; i < 3; i++) y.sum().backward({ retainGraph: true });
    await at.close(first, before);
  },

  "optimizers may change weights between graphs, not inside of one": async (at) => {
    const layer = new Linear(2, 2, { bias: false, ...at.options });
    layer.weight.data.copy_(
      at.tensor([
        [1, 0],
        [0, 1],
      ]),
    );
    const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
    const x = at.leaf([[1, 2]]);
    const loss = layer.forward(layer.forward(x)).sum();
    loss.backward({ retainGraph: true });
    optimizer.step();
    expect(thrown(() => loss.backward()).message).toContain(MODIFIED);
    layer.forward(x).sum().backward();
    optimizer.step();
    expect(layer.weight.isLeaf).toBe(true);
  },
};
