import * as kindling from "@kindling/autograd";
import { manualSeed, stack, Tensor } from "@kindling/autograd";
import { beforeEach, describe, expect, it } from "vitest";
import { gradcheck, gradgradcheck } from "../src/index.js";
import type { Case, Operator, Table } from "./operators/case.js";
import { matrices } from "./operators/matrices.js";
import { pointwise } from "./operators/pointwise.js";
import { products } from "./operators/products.js";
import { reductions } from "./operators/reductions.js";
import { scatters } from "./operators/scatters.js";
import { shapes, writes } from "./operators/shapes.js";
import { windows } from "./operators/windows.js";

/** Every differentiable operator. */
const table: Table = { ...pointwise, ...reductions, ...shapes, ...scatters, ...products, ...windows, ...matrices };
const functions = {
  ...kindling,
  ...Object.fromEntries(Object.entries(kindling.linalg).map(([name, f]) => [`linalg.${name}`, f])),
} as unknown as Record<string, Operator>;
const prototype = Tensor.prototype as unknown as Record<string, Operator>;

const isGetter = (name: string): boolean => Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined;
const isMethod = (name: string): boolean => Object.hasOwn(prototype, name);
const isFunction = (name: string): boolean => typeof functions[name] === "function";

/** The operator called as a method of its first argument. */
const asMethod =
  (name: string): Operator =>
  (self, ...rest) =>
    isGetter(name) ? self[name] : self[name](...rest);
/** `where` is a method of its second argument. */
const methodOf = (name: string): Operator =>
  name === "where" ? (condition, self, other) => self.where(condition, other) : asMethod(name);
/** The operator writing into a copy of its first argument. */
const inCopy =
  (name: string): Operator =>
  (self, ...rest) =>
    self.clone()[name](...rest);
/** The operator writing through a view, of which the base is looked at. */
const throughView =
  (name: string): Operator =>
  (self, ...rest) => {
    const base = stack([self, self.mul(0.9)], -1);
    (base.select(-1, 1) as unknown as Record<string, Operator>)[name](...rest);
    return base;
  };

const run = (op: Operator, { args, call }: Case) =>
  [
    (...given: unknown[]) => {
      manualSeed(1); // for those that draw
      return call ? call(op, given) : op(...given);
    },
    args as unknown[],
  ] as const;

function check(op: Operator, c: Case): void {
  const [fn, args] = run(op, c);
  expect(gradcheck(fn, args, c.options)).toBe(true);
}

function checkTwice(op: Operator, c: Case): void {
  const [fn, args] = run(op, c);
  expect(gradgradcheck(fn, args, c.options ?? {})).toBe(true);
}

const takesSelf = ({ args }: Case): boolean => args[0] instanceof Tensor;

beforeEach(() => {
  manualSeed(1);
});

describe.each(Object.keys(table))("%s", (name) => {
  const forms = [...(isFunction(name) ? [functions[name]] : []), ...(isMethod(name) ? [methodOf(name)] : [])];
  it.each(table[name].map((c, i) => [i, c] as const))("case %i", (_, c) => {
    const [first, second] = forms;
    check(first, c);
    checkTwice(first, c);
    if (
      second !== undefined &&
      (takesSelf(c) || name === "where") &&
      c.args[name === "where" ? 1 : 0] instanceof Tensor
    ) {
      check(second, c);
    }
  });
});

/** The in-place form of `name`, where there is one. */
const inPlace = Object.keys(table).filter((name) => isMethod(`${name}_`));
/** Results of another shape than the first argument's cannot be written into it. */
const fits = (name: string, c: Case): boolean => {
  const [fn, args] = run(isFunction(name) ? functions[name] : asMethod(name), c);
  const out = fn(...args) as Tensor;
  return takesSelf(c) && out instanceof Tensor && String(out.shape) === String((args[0] as Tensor).shape);
};

describe.each([...inPlace.map((name) => `${name}_`), ...Object.keys(writes)])("%s", (name) => {
  const cases = writes[name] ?? table[name.slice(0, -1)].filter((c) => fits(name.slice(0, -1), c));
  it.each(cases.map((c, i) => [i, c] as const))("case %i", (_, c) => {
    check(inCopy(name), c);
    checkTwice(inCopy(name), c);
    check(throughView(name), c);
    checkTwice(throughView(name), c);
  });
});

/** What has no derivative, and why. */
const without: Record<string, readonly string[]> = {
  "makes tensors": [
    ..."arange empty emptyLike eye full fullLike linspace logspace trilIndices triuIndices ones onesLike tensor zeros zerosLike".split(
      " ",
    ),
    ..."rand randint randintLike randLike randn randnLike randperm normal bernoulli multinomial newEmpty newZeros newOnes newFull newTensor".split(
      " ",
    ),
  ],
  "gives integers or truth": [
    ..."eq ne lt le gt ge logicalNot logicalAnd logicalOr logicalXor isnan isinf isfinite isclose allclose equal isposinf isneginf signbit".split(
      " ",
    ),
    ..."gcd lcm gcd_ lcm_ bitwiseLeftShift bitwiseRightShift bitwiseLeftShift_ bitwiseRightShift_".split(" "),
    ..."isreal isComplex heaviside_ nextafter nextafter_".split(" "),
    ..."bitwiseAnd bitwiseNot bitwiseOr bitwiseXor bitwiseAnd_ bitwiseNot_ bitwiseOr_ bitwiseXor_".split(" "),
    ..."all any argmax argmin argsort nonzero argwhere countNonzero int long bool byte char short heaviside".split(" "),
  ],
  "finds or counts values":
    "linalg.matrixRank unique uniqueConsecutive bincount histc histogram searchsorted bucketize isin broadcastShapes".split(
      " ",
    ),
  "leaves the graph": "detach detach_ data cpu item tolist toTypedArray toString toJSON".split(" "),
  "is no operator": [
    ..."constructor dtype device ndim dim numel elementSize nbytes size stride storageOffset isContiguous isFloatingPoint isInference".split(
      " ",
    ),
    ..."version requiresGrad requiresGrad_ isLeaf gradFn grad backward registerHook".split(" "),
    ..."registerPostAccumulateGradHook retainGrad retainsGrad".split(" "),
    ..."backendInfo getNumThreads init isDType profile setNumThreads isFloat isTensor registerBackend registerKernels bind isOptions operator signature unary unaryWith unaryForm copyForm".split(
      " ",
    ),
    ..."enableGrad inferenceMode isGradEnabled isInferenceModeEnabled noGrad setGradEnabled setPrintoptions".split(" "),
    ..."defaultGenerator getRngState initialSeed manualSeed setRngState slice".split(" "),
  ],
  "has no derivative": ["geqrf"],
  "is another name": [
    "variance",
    ..."linalg.det linalg.slogdet".split(" "),
    ..."absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh clip divide fix greater greaterEqual".split(" "),
    ..."less lessEqual multiply negative notEqual subtract".split(" "),
    ..."absolute_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctan2_ arctanh_ clip_ divide_ fix_ greater_".split(" "),
    ..."greaterEqual_ less_ lessEqual_ multiply_ negative_ notEqual_ subtract_".split(" "),
  ],
};

describe("the table", () => {
  const covered = new Set([
    ...Object.keys(table),
    ...Object.keys(writes),
    ...inPlace.map((name) => `${name}_`),
    ...Object.values(without).flat(),
  ]);
  const isClass = (name: string): boolean => /^(linalg\.)?[A-Z]./.test(name);
  const exported = Object.keys(functions).filter((name) => isFunction(name) && !isClass(name));
  const methods = Object.getOwnPropertyNames(prototype);

  it("has every operator that is exported, and every method", () => {
    expect([...exported, ...methods].filter((name) => !covered.has(name))).toEqual([]);
  });

  it("has nothing that does not exist", () => {
    expect([...covered].filter((name) => !exported.includes(name) && !methods.includes(name))).toEqual([]);
  });
});
