import { ShapeError } from "@kindling/storage";
import type { BackwardOptions } from "./backward.js";
import { backwardMethod } from "./backward.js";
import { registerHook, registerPostAccumulateGradHook, retainGrad, retainsGrad } from "./hooks.js";
import { indexingMethods } from "./methods/indexing.js";
import { inPlace } from "./methods/inplace.js";
import { matrixMethods } from "./methods/matrix.js";
import { pointwiseMethods } from "./methods/pointwise.js";
import { randomMethods } from "./methods/random.js";
import { reductionMethods } from "./methods/reduction.js";
import { shapeMethods } from "./methods/shape.js";
import { matricesTurned } from "./ops/arrange.js";
import { isNonzero, isSameSize, isSigned, ndimension, nelement } from "./ops/queries.js";
import * as views from "./ops/views.js";
import { print } from "./print.js";
import { item, tolist, toTypedArray } from "./read.js";
import { Tensor } from "./tensor.js";

/*
 * Operators as methods of tensors: `x.add(y)` is `add(x, y)`. The lists in `methods/`, by family, give the functions on the
 * prototype and, by `MethodsOf`, their types.
 */

const readingMethods = { item, tolist, toTypedArray, isNonzero, isSameSize, isSigned, nelement, ndimension };

const graphMethods = { registerHook, registerPostAccumulateGradHook, retainGrad, retainsGrad };

/** The first parameter of an operator is the tensor whose method it becomes. Of one signature TypeScript infers three equal ones. */
type Method<F> = F extends {
  (self: Tensor, ...args: infer A1): infer R1;
  (self: Tensor, ...args: infer A2): infer R2;
  (self: Tensor, ...args: infer A3): infer R3;
}
  ? Same<[A1, A2], [A2, A3]> extends true
    ? (...args: A3) => R3
    : { (...args: A1): R1; (...args: A2): R2; (...args: A3): R3 }
  : F extends (self: infer _S, ...args: infer A) => infer R
    ? (...args: A) => R
    : never;
type Same<X, Y> = (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? true : false;

type MethodsOf<T> = { readonly [K in keyof T]: Method<T[K]> };

interface PointwiseMethods extends MethodsOf<typeof pointwiseMethods> {}
interface ReductionMethods extends MethodsOf<typeof reductionMethods> {}
interface ShapeMethods extends MethodsOf<typeof shapeMethods> {}
interface IndexingMethods extends MethodsOf<typeof indexingMethods> {}
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
    ReductionMethods,
    ShapeMethods,
    IndexingMethods,
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
  /** `mT`: there are no complex numbers that it could conjugate. */
  readonly mH: Tensor;
  /** A matrix transposed, as a view. */
  readonly H: Tensor;
  /** All dimensions in reverse order, as a view. */
  readonly T: Tensor;
  /** The tensor as PyTorch prints it. */
  toString(): string;
}

const tables = [
  pointwiseMethods,
  reductionMethods,
  shapeMethods,
  indexingMethods,
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
      return matricesTurned(this, "mT");
    },
    configurable: true,
  },
  mH: {
    get: function (this: Tensor) {
      return matricesTurned(this, "mH");
    },
    configurable: true,
  },
  H: {
    get: function (this: Tensor) {
      if (this.ndim === 1 || this.ndim > 2) {
        const batches = this.ndim > 2 ? " For batches of matrices, consider using tensor.mH" : "";
        throw new ShapeError(
          `tensor.H is only supported on matrices (2-D tensors). Got ${this.ndim}-D tensor.${batches}`,
          { shape: this.shape },
        );
      }
      return matricesTurned(this, "H");
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
