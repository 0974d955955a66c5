import { operator } from "./args.js";
import type { BackwardOptions } from "./backward.js";
import { backwardMethod } from "./backward.js";
import { registerHook, registerPostAccumulateGradHook, retainGrad, retainsGrad } from "./hooks.js";
import * as arrange from "./ops/arrange.js";
import * as at from "./ops/at.js";
import * as compare from "./ops/compare.js";
import * as creation from "./ops/creation.js";
import * as extremes from "./ops/extremes.js";
import * as functions from "./ops/functions.js";
import * as indexing from "./ops/indexing.js";
import { inPlace } from "./ops/inplace.js";
import * as linalg from "./ops/linalg.js";
import * as order from "./ops/order.js";
import * as parts from "./ops/parts.js";
import * as pointwise from "./ops/pointwise.js";
import * as random from "./ops/random.js";
import * as reduction from "./ops/reduction.js";
import * as shape from "./ops/shape.js";
import * as softmax from "./ops/softmax.js";
import type { TensorOrScalar } from "./ops/table.js";
import * as views from "./ops/views.js";
import * as where from "./ops/where.js";
import { print } from "./print.js";
import { item, tolist, toTypedArray } from "./read.js";
import { Tensor } from "./tensor.js";

/*
 * Which operators are methods of tensors: `x.add(y)` is `add(x, y)`. One list, from which come the functions on the prototype
 * and, by `MethodsOf`, their types.
 */

const {
  add,
  sub,
  rsub,
  div,
  floorDivide,
  remainder,
  square,
  reciprocal,
  rsqrt,
  log2,
  log10,
  exp2,
  tan,
  atan,
  lerp,
  addcmul,
  addcdiv,
} = pointwise;

const pointwiseMethods = {
  add,
  sub,
  rsub,
  div,
  floorDivide,
  remainder,
  square,
  reciprocal,
  rsqrt,
  log2,
  log10,
  exp2,
  tan,
  atan,
  lerp,
  addcmul,
  addcdiv,
  neg: pointwise.neg,
  abs: pointwise.abs,
  sign: pointwise.sign,
  floor: pointwise.floor,
  ceil: pointwise.ceil,
  round: pointwise.round,
  trunc: pointwise.trunc,
  sqrt: pointwise.sqrt,
  exp: pointwise.exp,
  expm1: pointwise.expm1,
  log: pointwise.log,
  log1p: pointwise.log1p,
  sin: pointwise.sin,
  cos: pointwise.cos,
  tanh: pointwise.tanh,
  sigmoid: pointwise.sigmoid,
  erf: pointwise.erf,
  bitwiseNot: pointwise.bitwiseNot,
  mul: pointwise.mul,
  trueDivide: pointwise.trueDivide,
  maximum: pointwise.maximum,
  minimum: pointwise.minimum,
  pow: pointwise.pow,
  atan2: pointwise.atan2,
  fmod: pointwise.fmod,
  bitwiseAnd: pointwise.bitwiseAnd,
  bitwiseOr: pointwise.bitwiseOr,
  bitwiseXor: pointwise.bitwiseXor,
};

const functionMethods = { ...functions };

const compareMethods = { ...compare };

const conditionalMethods = {
  where: operator<(self: Tensor, condition: Tensor, other: TensorOrScalar) => Tensor>(
    "where(self, condition, other)",
    (self: Tensor, condition: Tensor, other: TensorOrScalar) => where.where(condition, self, other),
  ),
  maskedFill: where.maskedFill,
  clamp: where.clamp,
  clampMin: where.clampMin,
  clampMax: where.clampMax,
  relu: where.relu,
};

const { sum, mean, prod, std, logsumexp, norm, sumToSize } = reduction;
const { nansum, nanmean, countNonzero } = reduction;
const reductionMethods = {
  sum,
  mean,
  prod,
  std,
  logsumexp,
  norm,
  sumToSize,
  nansum,
  nanmean,
  countNonzero,
  var: reduction.variance,
};

const { cumsum, cumprod, sort, argsort, msort, topk } = order;
const orderMethods = { ...extremes, cumsum, cumprod, sort, argsort, msort, topk };

const viewMethods = {
  view: views.viewTo,
  asStrided: views.asStrided,
  reshape: views.reshape,
  viewAs: views.viewAs,
  reshapeAs: views.reshapeAs,
  ravel: views.ravel,
  flatten: views.flatten,
  unflatten: views.unflatten,
  unsqueeze: views.unsqueeze,
  squeeze: views.squeeze,
  transpose: views.transpose,
  t: views.t,
  permute: views.permute,
  movedim: views.movedim,
  expand: views.expand,
  expandAs: views.expandAs,
  broadcastTo: views.broadcastTo,
  select: parts.select,
  narrow: parts.narrow,
  diagonal: parts.diagonal,
  unfold: parts.unfold,
  split: parts.split,
  chunk: parts.chunk,
  unbind: parts.unbind,
};

const {
  clone,
  contiguous,
  to,
  typeAs,
  float,
  double,
  half,
  bfloat16,
  byte,
  char,
  short,
  int,
  long,
  bool,
  cpu,
  repeat,
  tile,
  repeatInterleave,
  flip,
  roll,
  tril,
  triu,
} = shape;
const shapeMethods = {
  clone,
  contiguous,
  to,
  typeAs,
  float,
  double,
  half,
  bfloat16,
  byte,
  char,
  short,
  int,
  long,
  bool,
  cpu,
  repeat,
  tile,
  repeatInterleave,
  flip,
  roll,
  tril,
  triu,
};

const { gather, scatter, scatterAdd, indexSelect, indexAdd, indexCopy, indexFill, take, nonzero, maskedSelect } =
  indexing;
const indexingMethods = {
  gather,
  scatter,
  scatterAdd,
  indexSelect,
  indexAdd,
  indexCopy,
  indexFill,
  take,
  nonzero,
  maskedSelect,
  at: at.at,
  setAt: at.setAt,
  indexPut: at.indexPut,
  indexPut_: at.indexPut_,
};

const { swapaxes, swapdims, moveaxis, diagEmbed, diag, trace, fliplr, flipud, rot90, takeAlongDim } = arrange;
const arrangeMethods = {
  swapaxes,
  swapdims,
  moveaxis,
  diagEmbed,
  diag,
  trace,
  fliplr,
  flipud,
  rot90,
  takeAlongDim,
};

const { newEmpty, newZeros, newOnes, newFull, newTensor } = creation;
const creationMethods = { newEmpty, newZeros, newOnes, newFull, newTensor };

const matrixMethods = {
  mm: linalg.mm,
  bmm: linalg.bmm,
  mv: linalg.mv,
  dot: linalg.dot,
  outer: linalg.outer,
  matmul: linalg.matmul,
  addmm: linalg.addmm,
  baddbmm: linalg.baddbmm,
  addbmm: linalg.addbmm,
  addmv: linalg.addmv,
  addr: linalg.addr,
  inner: linalg.inner,
  vdot: linalg.vdot,
  softmax: softmax.softmax,
  logSoftmax: softmax.logSoftmax,
};

const randomMethods = {
  uniform_: random.uniform_,
  normal_: random.normal_,
  exponential_: random.exponential_,
  bernoulli_: random.bernoulli_,
  bernoulli: random.bernoulli,
  multinomial: random.multinomial,
};

const readingMethods = { item, tolist, toTypedArray };

const graphMethods = { registerHook, registerPostAccumulateGradHook, retainGrad, retainsGrad };

/** The first parameter of an operator is the tensor whose method it becomes. */
type Method<F> = F extends {
  (self: Tensor, ...args: infer A1): infer R1;
  (self: Tensor, ...args: infer A2): infer R2;
  (self: Tensor, ...args: infer A3): infer R3;
}
  ? { (...args: A1): R1; (...args: A2): R2; (...args: A3): R3 }
  : F extends (self: infer _S, ...args: infer A) => infer R
    ? (...args: A) => R
    : never;

type MethodsOf<T> = { readonly [K in keyof T]: Method<T[K]> };

interface PointwiseMethods extends MethodsOf<typeof pointwiseMethods> {}
interface FunctionMethods extends MethodsOf<typeof functionMethods> {}
interface CompareMethods extends MethodsOf<typeof compareMethods> {}
interface ConditionalMethods extends MethodsOf<typeof conditionalMethods> {}
interface ReductionMethods extends MethodsOf<typeof reductionMethods> {}
interface OrderMethods extends MethodsOf<typeof orderMethods> {}
interface ViewMethods extends MethodsOf<typeof viewMethods> {}
interface ShapeMethods extends MethodsOf<typeof shapeMethods> {}
interface IndexingMethods extends MethodsOf<typeof indexingMethods> {}
interface ArrangeMethods extends MethodsOf<typeof arrangeMethods> {}
interface CreationMethods extends MethodsOf<typeof creationMethods> {}
interface MatrixMethods extends MethodsOf<typeof matrixMethods> {}
interface RandomMethods extends MethodsOf<typeof randomMethods> {}
interface ReadingMethods extends MethodsOf<typeof readingMethods> {}
interface GraphMethods extends MethodsOf<typeof graphMethods> {}
interface InPlaceMethods extends MethodsOf<typeof inPlace> {}

/** What `backward` takes besides the gradient. */
export type BackwardMethodOptions = Omit<BackwardOptions, "gradTensors"> & { gradient?: Tensor | null };

/** All methods that tensors get from the operators. */
export interface TensorMethods
  extends PointwiseMethods,
    FunctionMethods,
    CompareMethods,
    ConditionalMethods,
    ReductionMethods,
    OrderMethods,
    ViewMethods,
    ShapeMethods,
    IndexingMethods,
    ArrangeMethods,
    CreationMethods,
    MatrixMethods,
    RandomMethods,
    ReadingMethods,
    GraphMethods,
    InPlaceMethods {
  /**
   * Accumulates the gradient of this tensor into the `grad` of the leaves it came from. `gradient` may be absent for a tensor
   * of one element.
   * @throws AutogradError for a second pass through a freed graph, a non-scalar without a gradient, a changed saved value.
   */
  backward(gradient?: Tensor | null | BackwardMethodOptions, options?: BackwardMethodOptions): void;
  /** The last two dimensions exchanged, as a view. */
  readonly mT: Tensor;
  /** All dimensions in reverse order, as a view. */
  readonly T: Tensor;
  /** The tensor as PyTorch prints it. */
  toString(): string;
}

const tables = [
  pointwiseMethods,
  functionMethods,
  compareMethods,
  conditionalMethods,
  reductionMethods,
  orderMethods,
  viewMethods,
  shapeMethods,
  indexingMethods,
  arrangeMethods,
  creationMethods,
  matrixMethods,
  randomMethods,
  readingMethods,
  graphMethods,
  inPlace,
  { backward: backwardMethod, toString: print },
];

type AnyOperator = (self: Tensor, ...args: unknown[]) => unknown;

/** A function of `this` that calls `op` with as many arguments as it gets; small counts without an array. */
function method(op: AnyOperator): (this: Tensor, ...args: unknown[]) => unknown {
  return function (this: Tensor, a?: unknown, b?: unknown, ...rest: unknown[]): unknown {
    // biome-ignore lint/complexity/noArguments: counts what was passed, trailing undefined included
    switch (arguments.length) {
      case 0:
        return op(this);
      case 1:
        return op(this, a);
      case 2:
        return op(this, a, b);
      default:
        return op(this, a, b, ...rest);
    }
  };
}

for (const table of tables) {
  for (const [name, op] of Object.entries(table)) {
    Object.defineProperty(Tensor.prototype, name, {
      value: method(op as AnyOperator),
      writable: true,
      configurable: true,
    });
  }
}

Object.defineProperties(Tensor.prototype, {
  mT: {
    get: function (this: Tensor) {
      return views.transpose(this, -2, -1);
    },
    configurable: true,
  },
  T: {
    get: function (this: Tensor) {
      return views.permute(
        this,
        this.shape.map((_, i) => this.ndim - 1 - i),
      );
    },
    configurable: true,
  },
  [Symbol.toPrimitive]: {
    value(this: Tensor, hint: string): string | number {
      if (hint === "string") return this.toString();
      if (hint === "number") return Number(item(this));
      throw new TypeError(
        "JavaScript has no operators on tensors: write x.add(y) for x + y, x.mul(y) for x * y, x.eq(y) for x == y",
      );
    },
    configurable: true,
  },
  [Symbol.for("nodejs.util.inspect.custom")]: {
    value(this: Tensor): string {
      return this.toString();
    },
    configurable: true,
  },
  // for whoever writes an error down with its fields: walking the getters of a tensor would make tensors without end
  toJSON: {
    value(this: Tensor): string {
      return this.toString();
    },
    configurable: true,
  },
});
