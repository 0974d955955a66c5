import {
  broadcastShapes,
  canCast,
  DTypeError,
  dtypeInfo,
  formatShape,
  isExpandable,
  isFloat,
  type Operand,
  ShapeError,
  sameShape,
  type View,
} from "@kindling/storage";
import { bind, isOptions, operator, signature } from "../args.js";
import { commonDevice, expanded, fresh, rawCast, rawCopy, rawFill, scalarFor } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { makeNode, unrecorded } from "../record.js";
import { exchange, isTensor, type Tensor } from "../tensor.js";
import { beginFill, beginInPlace, bumpVersion, rebase } from "../views.js";
import { fitting, zerosLike } from "./creation.js";
import {
  type BinaryRow,
  checkOperands,
  logical,
  named,
  operands,
  promoted,
  READS_A,
  saveOperands,
} from "./pair-table.js";
import { narrow } from "./parts.js";
import { addPlain, div, roundPlain, roundTo, subPlain, times, trueDivide } from "./pointwise.js";
import type { Scalar } from "./promotion.js";
import { clone, to } from "./shape.js";
import { expectTensor, type TensorOrScalar, type Unary } from "./table.js";

/*
 * How operators write into their first argument. Those of the pointwise tables run their kernel with the argument itself as
 * output; all others compute as usual and copy. Which operators have such a form is listed in `methods/inplace.ts`.
 */

type InPlace<A extends unknown[]> = (self: Tensor, ...args: A) => Tensor;

function refuseCast(from: Tensor["dtype"], to: Tensor["dtype"]): void {
  if (!canCast(from, to)) {
    throw new DTypeError(
      `result type ${dtypeInfo[from].scalarName} can't be cast to the desired output type ${dtypeInfo[to].scalarName}`,
      { from, to },
    );
  }
}

function refuseShape(self: Tensor, other: Tensor): void {
  if (sameShape(self.shape, other.shape) || isExpandable(other.shape, self.shape)) return;
  const common = broadcastShapes(self.shape, other.shape);
  throw new ShapeError(
    `output with shape ${formatShape(self.shape)} doesn't match the broadcast shape ${formatShape(common)}`,
    {
      shape: self.shape,
      broadcast: common,
    },
  );
}

/** `t`, copied where it shares memory with `self` in another layout. */
function apart(t: Tensor, self: Tensor): Tensor {
  if (t.storage !== self.storage) return t;
  const same = t.offset === self.offset && sameShape(t.shape, self.shape) && sameShape(t.strides, self.strides);
  return same ? t : rawCopy(t);
}

/** In-place form of a function of one argument. */
export function unaryForm<A extends unknown[]>({ row }: Unary<A>): InPlace<A> {
  const sig = signature(row.text.replace("(", "_("));
  const plain = sig.parameters.length === 1;
  return (self, ...args) => {
    const settings = plain && args[0] === undefined ? args : bind(sig, [self, ...args]).slice(1);
    const records = beginInPlace(self);
    row.check?.(self.dtype);
    if (row.keepsBool && self.dtype === "bool") return self;
    if (row.floating) refuseCast(dtypeInfo[self.dtype].category === 2 ? self.dtype : "float32", self.dtype);
    const before = records && row.saves === "x" ? clone(self) : null;
    const node = records ? makeNode(row, [self], self.shape, self.dtype, self.storage.device) : null;
    const { kernel } = row;
    const { device, dtype } = self.storage;
    if (typeof kernel === "string") device.kernels.unary[dtype](kernel, self, self);
    else device.kernels.copy[dtype](self, unrecorded(kernel, self, ...settings));
    bumpVersion(self);
    if (node !== null) {
      if (!plain) node.context = settings;
      rebase(self, node);
      if (row.saves !== "none") node.save(before ?? self);
    }
    return self;
  };
}

/** In-place form of a function of two arguments. */
export function binaryForm<A extends Tensor | TensorOrScalar = TensorOrScalar>({
  row,
}: {
  row: BinaryRow;
}): (self: Tensor, other: A) => Tensor {
  const sig = signature(`${row.operation}_(self, other)`);
  return (self: Tensor, second: TensorOrScalar, extra?: unknown) => {
    const other = operands(sig, self, second, extra)[1];
    checkOperands(sig.name, self, other, row.numbers);
    const tb = isTensor(other) ? other : null;
    const records = beginInPlace(self, [tb]);
    const dtype = row.compute(promoted(self, other));
    refuseCast(dtype, self.dtype);
    row.check?.(dtype, self, other);
    if (tb !== null) {
      commonDevice(sig.name, [self, tb]);
      refuseShape(self, tb);
    }
    const { device } = self.storage;
    const node = records ? makeNode(named(row, self, tb), [self, tb], self.shape, self.dtype, device) : null;
    const readsSelf =
      node !== null &&
      ((node.inputs[0] !== null && (row.readByA & READS_A) !== 0) ||
        (node.inputs[1] !== null && (row.readByB & READS_A) !== 0));
    const before = readsSelf ? clone(self) : self;
    // an operand that is the very tensor being written must keep its old values for the derivative as well
    const kept = readsSelf && tb === self ? before : other;
    const { kernel } = row;
    const y = tb === null ? scalarFor(dtype, other as Scalar) : rawCast(apart(tb, self), dtype);
    const vb: Operand = isTensor(y) ? expanded(y, self.shape) : y;
    if (typeof kernel !== "string") device.kernels.copy[dtype](self, unrecorded(kernel, rawCast(self, dtype), y));
    else if (dtype === self.dtype)
      device.kernels.binary[dtype](dtype === "bool" ? logical(kernel) : kernel, self, self, vb);
    else {
      const wide = fresh(device, dtype, self.shape, row.operation);
      device.kernels.binary[dtype](kernel, wide, rawCast(self, dtype), vb);
      device.kernels.copy[dtype](self, wide);
    }
    bumpVersion(self);
    if (node !== null) {
      rebase(self, node);
      saveOperands(row, node, before, kept, before, isTensor(kept) ? kept : null, self);
    }
    return self;
  };
}

/**
 * In-place form of any other operator: its result is copied into the argument, whose history it becomes. What the derivative saved
 * of the result it then finds in the argument, so that later changes are noticed.
 */
export function copyForm<A extends unknown[]>(op: (self: Tensor, ...args: A) => Tensor): InPlace<A> {
  return (self, ...args) => {
    const values = args.flatMap((a) => (isOptions(a) ? Object.values(a) : [a]));
    const records = beginInPlace(self, values.filter(isTensor));
    const result = op(records ? clone(self) : self, ...args);
    refuseCast(result.dtype, self.dtype);
    const { node } = result;
    if (!records || node === null || self.base !== null || result.dtype !== self.dtype) copy_(self, result);
    else {
      refuseShape(self, result);
      self.storage.device.kernels.copy[self.dtype](self, result);
      bumpVersion(self);
      rebase(self, node);
    }
    if (result.dtype === self.dtype) node?.resave(result, self);
    return self;
  };
}

/** In-place form of an operator that gives a view: the tensor itself takes its layout, and its place in the graph. */
export function viewForm<A extends unknown[]>(op: (self: Tensor, ...args: A) => Tensor): InPlace<A> {
  return (self, ...args) => {
    const records = beginFill(self);
    const viewed = op(self, ...args);
    exchange(self, viewed);
    bumpVersion(self);
    if (records && self.base === null) rebase(self, viewed.node as Node);
    else if (records) {
      self.node = viewed.node;
      self.outputNumber = 0;
    }
    self.viewVersion = self.counter.version;
    return self;
  };
}

// ------------------------------------------------------------------------------------------------ plain writes

const COPY: Derivative = {
  name: "CopyBackwards",
  backward: (node, g) => [
    node.needs(0) ? zerosLike(g) : null,
    node.needs(1) ? to(g, { device: node.context as string }) : null,
  ],
};

/** Overwrites `self` with `src`, which is broadcast and converted. */
export const copy_ = operator<(self: Tensor, src: Tensor) => Tensor>(
  "copy_(self, src)",
  (self: Tensor, src: Tensor) => {
    expectTensor(src, "copy_", "src");
    const records = beginInPlace(self, [src]);
    refuseShape(self, src);
    const { device } = self.storage;
    const node = records ? makeNode(COPY, [self, src], self.shape, self.dtype, device) : null;
    const here = src.storage.device === device ? apart(src, self) : to(src, { device: device.name });
    device.kernels.copy[here.dtype](self, expanded(here, self.shape));
    bumpVersion(self);
    if (node !== null) {
      node.context = src.device;
      rebase(self, node);
    }
    return self;
  },
);

const FILL: Derivative = { name: "FillBackward2", backward: (_node, g) => zerosLike(g) };
const ZERO: Derivative = { ...FILL, name: "ZeroBackward0" };

/** Overwrites every element with `value`, a number or a 0-dimensional tensor. */
export const fill_ = operator<(self: Tensor, value: TensorOrScalar) => Tensor>(
  "fill_(self, value)",
  (self: Tensor, value: TensorOrScalar) => {
    checkOperands("fill_", self, value);
    if (!isTensor(value)) return filled(self, value, FILL);
    if (value.ndim > 0) {
      throw new ShapeError(
        `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
      );
    }
    return copy_(self, value);
  },
);

function filled(self: Tensor, value: Scalar, derivative: Derivative): Tensor {
  const number = fitting(value, self.dtype);
  const records = beginFill(self);
  const repeated = self.strides.findIndex((step, d) => step === 0 && self.shape[d] > 1);
  if (repeated >= 0) {
    filled(narrow(self, repeated, 0, 1), value, derivative); // the same value to the same place
    return self;
  }
  const node = records ? makeNode(derivative, [self], self.shape, self.dtype, self.storage.device) : null;
  rawFill(self, number);
  bumpVersion(self);
  if (node !== null) rebase(self, node);
  return self;
}

/** Overwrites every element with 0. */
export const zero_ = operator<(self: Tensor) => Tensor>("zero_(self)", (self: Tensor) => filled(self, 0, ZERO));

// ------------------------------------------------------------------------------------------ forms with options

const addPlain_ = binaryForm(addPlain);
const subPlain_ = binaryForm(subPlain);
const addSignature = signature("add_(self, other, *, alpha=1)");
const subSignature = signature("sub_(self, other, *, alpha=1)");

function withAlpha(plain: typeof addPlain_, sig: typeof addSignature, args: readonly unknown[]): Tensor {
  const [self, other, alpha] = bind(sig, args) as [Tensor, TensorOrScalar, number];
  if (
    isTensor(self) &&
    isTensor(other) &&
    typeof alpha === "number" &&
    addedAtOnce(self, other, plain === subPlain_ ? -alpha : alpha)
  )
    return self;
  return plain(self, times(alpha, self, other));
}

declare module "@kindling/storage" {
  interface FastPaths {
    /** `out[i] = a[i] + alpha · b[i]` of one dtype; `alpha` counts in it. */
    addScaled(out: View, a: View, b: View, alpha: number): void;
  }
}

/** `self += alpha · other` by one kernel, where there is one and nothing is recorded. */
function addedAtOnce(self: Tensor, other: Tensor, alpha: number): boolean {
  const { device, dtype } = self.storage;
  if (!isFloat(dtype) || other.storage.dtype !== dtype || other.storage.device !== device) return false;
  if (!sameShape(self.shape, other.shape) || beginInPlace(self, [other])) return false;
  if (!device.tryFast("addScaled", dtype, self, self, apart(other, self), alpha)) return false;
  bumpVersion(self);
  return true;
}

/** `self += alpha · other`. */
export function add_(self: Tensor, other: TensorOrScalar, options?: { alpha?: number }): Tensor {
  if (options === undefined && !isOptions(other)) return addPlain_(self, other);
  return withAlpha(addPlain_, addSignature, options === undefined ? [self, other] : [self, other, options]);
}

/** `self −= alpha · other`. */
export function sub_(self: Tensor, other: TensorOrScalar, options?: { alpha?: number }): Tensor {
  if (options === undefined && !isOptions(other)) return subPlain_(self, other);
  return withAlpha(subPlain_, subSignature, options === undefined ? [self, other] : [self, other, options]);
}

type Rounding = { roundingMode?: "floor" | "trunc" | null };
const divPlain_ = binaryForm(trueDivide);
const divRounded_ = copyForm((self: Tensor, other: TensorOrScalar | Rounding, options?: Rounding) =>
  div(self, other as TensorOrScalar, options),
);

/** `self /= other`; with `roundingMode` to whole numbers. */
export const div_ = (self: Tensor, other: TensorOrScalar | Rounding, options?: Rounding): Tensor =>
  options === undefined && !isOptions(other) ? divPlain_(self, other) : divRounded_(self, other, options);

const roundPlain_ = unaryForm(roundPlain);
const roundTo_ = unaryForm(roundTo);

/** Rounds in place, to a multiple of `10^-decimals`. */
export const round_ = (self: Tensor, options?: { decimals?: number }): Tensor =>
  options === undefined ? roundPlain_(self) : roundTo_(self, options);
