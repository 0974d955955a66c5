import { autograd, nn, noGrad, rand, type Tensor } from "kindling";
import type { Cases, Convolution } from "./cases.js";

const F = nn.functional;

/** One kernel, or the few that make one operation. */
export interface KernelRow {
  readonly name: string;
  readonly flops: number;
  prepare(): { call: () => Tensor; check: () => Promise<number> };
}

const uniform = (...shape: number[]): Tensor => rand(shape).sub(0.5);

/** How far a part of a result lies from the CPU's, relative to the largest element. */
async function error(part: Tensor, expected: Tensor): Promise<number> {
  const got = await part.contiguous().cpu();
  const largest = expected.abs().max().item() as number;
  return (got.sub(expected).abs().max().item() as number) / largest;
}

function product(side: number, layout: string): KernelRow {
  return {
    name: `product ${side} ${layout}`,
    flops: 2 * side ** 3,
    prepare() {
      const host = [uniform(side, side), uniform(side, side)];
      const across = (t: Tensor, i: number): Tensor => (layout[i] === "t" ? t.t() : t);
      const [a, b] = host.map((t, i) => across(t.to("webgpu"), i));
      const call = (): Tensor => a.matmul(b);
      const check = (): Promise<number> =>
        error(call().narrow(0, 1, 2), across(host[0], 0).narrow(0, 1, 2).matmul(across(host[1], 1)));
      return { call, check };
    },
  };
}

const options = (c: Convolution): { stride: number; padding: number } => ({ stride: c.stride, padding: c.padding });

/** The result's shape. */
const shapeOf = (c: Convolution): [number, number, number, number] => {
  const side = Math.floor((c.size + 2 * c.padding - c.kernel) / c.stride) + 1;
  return [c.batch, c.out, side, side];
};

/** Gradient of one operand, which `inputs` names, for the gradient `g` of the result. */
function gradient(x: Tensor, w: Tensor, g: Tensor, c: Convolution, of: "input" | "weight"): () => Tensor {
  const [image, weight] = [x.detach().requiresGrad_(of === "input"), w.detach().requiresGrad_(of === "weight")];
  const y = F.conv2d(image, weight, null, options(c));
  return () => autograd.grad(y, of === "input" ? image : weight, g, { retainGraph: true })[0];
}

function convolution(name: string, c: Convolution, what: "forward" | "input" | "weight"): KernelRow {
  const [batch, out, side] = shapeOf(c);
  return {
    name: `${name}, ${what}`,
    flops: 2 * batch * out * side ** 2 * c.channels * c.kernel ** 2,
    prepare() {
      const x = uniform(c.batch, c.channels, c.size, c.size);
      const w = uniform(c.out, c.channels, c.kernel, c.kernel);
      const g = uniform(...shapeOf(c));
      const [xd, wd, gd] = [x, w, g].map((t) => t.to("webgpu"));
      if (what === "forward") {
        const call = (): Tensor => noGrad(() => F.conv2d(xd, wd, null, options(c)));
        const part = F.conv2d(x.narrow(0, 0, 1), w.narrow(0, 0, 1), null, options(c));
        return { call, check: () => error(call().narrow(0, 0, 1).narrow(1, 0, 1), part) };
      }
      const call = gradient(xd, wd, gd, c, what);
      // what one channel's gradient depends on
      const part =
        what === "input"
          ? gradient(x.narrow(0, 0, 1).narrow(1, 0, 1), w.narrow(1, 0, 1), g.narrow(0, 0, 1), c, what)
          : gradient(x.narrow(1, 0, 1), w.narrow(0, 0, 1).narrow(1, 0, 1), g.narrow(1, 0, 1), c, what);
      return { call, check: () => error(call().narrow(0, 0, 1).narrow(1, 0, 1), part()) };
    },
  };
}

export const kernels = (cases: Cases): KernelRow[] => [
  ...cases.products.flatMap((side) => ["nn", "nt", "tn"].map((layout) => product(side, layout))),
  ...Object.entries(cases.convolutions).flatMap(([name, c]) =>
    (["forward", "input", "weight"] as const).map((what) => convolution(name, c, what)),
  ),
];
