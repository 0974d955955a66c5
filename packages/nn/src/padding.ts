import type { Tensor } from "@kindling/autograd";
import { binder } from "./args.js";
import { type PadMode, pad } from "./functional/padding.js";
import { Module } from "./module.js";
import { settings, tuple } from "./repr.js";
import { repeated, type Sizes } from "./sizes.js";

/*
 * Padding as modules: of sequences (N, C, L), images (N, C, H, W) or volumes (N, C, D, H, W), with or without N. `padding` is a number
 * for all sides or one for each, `[left, right, top, bottom, front, back]`; a negative one cuts off.
 */

type Args = [padding: Sizes | { padding: Sizes }];
const bindPadding = binder<[padding: Sizes]>("Padding(padding)");

abstract class Padding extends Module {
  readonly padding: readonly number[];
  protected readonly mode: PadMode;

  constructor(n: number, mode: PadMode, args: Args) {
    const [padding] = bindPadding(args);
    super();
    this.padding = repeated(padding, 2 * n);
    this.mode = mode;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, this.mode);
  }

  override extraRepr(): string {
    return tuple(this.padding);
  }
}

/**
 * Sequences mirrored at their ends: (N, C, L) → (N, C, L + left + right).
 *
 * @example
 * new nn.ReflectionPad1d([2, 1]).forward(tensor([[1, 2, 3]])); // tensor([[3., 2., 1., 2., 3., 2.]])
 */
export class ReflectionPad1d extends Padding {
  constructor(...args: Args) {
    super(1, "reflect", args);
  }
}
/**
 * Images mirrored at their borders: (N, C, H, W) → (N, C, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ReflectionPad2d(2).forward(randn(1, 3, 4, 5)).shape; // [1, 3, 8, 9]
 */
export class ReflectionPad2d extends Padding {
  constructor(...args: Args) {
    super(2, "reflect", args);
  }
}
/**
 * Volumes mirrored at their borders: (N, C, D, H, W) → (N, C, D + front + back, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ReflectionPad3d(1).forward(randn(1, 3, 2, 3, 4)).shape; // [1, 3, 4, 5, 6]
 */
export class ReflectionPad3d extends Padding {
  constructor(...args: Args) {
    super(3, "reflect", args);
  }
}

/**
 * Sequences whose ends are repeated: (N, C, L) → (N, C, L + left + right).
 *
 * @example
 * new nn.ReplicationPad1d([2, 1]).forward(tensor([[1, 2, 3]])); // tensor([[1., 1., 1., 2., 3., 3.]])
 */
export class ReplicationPad1d extends Padding {
  constructor(...args: Args) {
    super(1, "replicate", args);
  }
}
/**
 * Images whose borders are repeated: (N, C, H, W) → (N, C, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ReplicationPad2d(2).forward(randn(1, 3, 4, 5)).shape; // [1, 3, 8, 9]
 */
export class ReplicationPad2d extends Padding {
  constructor(...args: Args) {
    super(2, "replicate", args);
  }
}
/**
 * Volumes whose borders are repeated: (N, C, D, H, W) → (N, C, D + front + back, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ReplicationPad3d(1).forward(randn(1, 3, 2, 3, 4)).shape; // [1, 3, 4, 5, 6]
 */
export class ReplicationPad3d extends Padding {
  constructor(...args: Args) {
    super(3, "replicate", args);
  }
}

/**
 * Sequences continued by their other end: (N, C, L) → (N, C, L + left + right).
 *
 * @example
 * new nn.CircularPad1d([2, 1]).forward(tensor([[1, 2, 3]])); // tensor([[2., 3., 1., 2., 3., 1.]])
 */
export class CircularPad1d extends Padding {
  constructor(...args: Args) {
    super(1, "circular", args);
  }
}
/**
 * Images continued by their other side: (N, C, H, W) → (N, C, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.CircularPad2d(2).forward(randn(1, 3, 4, 5)).shape; // [1, 3, 8, 9]
 */
export class CircularPad2d extends Padding {
  constructor(...args: Args) {
    super(2, "circular", args);
  }
}
/**
 * Volumes continued by their other side: (N, C, D, H, W) → (N, C, D + front + back, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.CircularPad3d(1).forward(randn(1, 3, 2, 3, 4)).shape; // [1, 3, 4, 5, 6]
 */
export class CircularPad3d extends Padding {
  constructor(...args: Args) {
    super(3, "circular", args);
  }
}

/**
 * Sequences with zeros at their ends: (N, C, L) → (N, C, L + left + right).
 *
 * @example
 * new nn.ZeroPad1d([2, 1]).forward(tensor([[1, 2, 3]])); // tensor([[0., 0., 1., 2., 3., 0.]])
 */
export class ZeroPad1d extends Padding {
  constructor(...args: Args) {
    super(1, "constant", args);
  }
}
/**
 * Images with zeros around them: (N, C, H, W) → (N, C, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ZeroPad2d(2).forward(randn(1, 3, 4, 5)).shape; // [1, 3, 8, 9]
 */
export class ZeroPad2d extends Padding {
  constructor(...args: Args) {
    super(2, "constant", args);
  }
}
/**
 * Volumes with zeros around them: (N, C, D, H, W) → (N, C, D + front + back, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ZeroPad3d(1).forward(randn(1, 3, 2, 3, 4)).shape; // [1, 3, 4, 5, 6]
 */
export class ZeroPad3d extends Padding {
  constructor(...args: Args) {
    super(3, "constant", args);
  }
}

type ConstantArgs = [padding: Sizes, value: number | { value: number }] | [options: { padding: Sizes; value: number }];
const bindConstant = binder<[padding: Sizes, value: number]>("ConstantPad(padding, value)");

abstract class ConstantPad extends Module {
  readonly padding: readonly number[];
  readonly value: number;

  constructor(n: number, args: ConstantArgs) {
    const [padding, value] = bindConstant(args);
    super();
    this.padding = repeated(padding, 2 * n);
    this.value = value;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, "constant", this.value);
  }

  override extraRepr(): string {
    return settings({ padding: tuple(this.padding), value: this.value });
  }
}

/**
 * Sequences with a value at their ends: (N, C, L) → (N, C, L + left + right).
 *
 * @example
 * new nn.ConstantPad1d([2, 1], 3.5).forward(tensor([[1, 2]])); // tensor([[3.5000, 3.5000, 1.0000, 2.0000, 3.5000]])
 */
export class ConstantPad1d extends ConstantPad {
  constructor(...args: ConstantArgs) {
    super(1, args);
  }
}
/**
 * Images with a value around them: (N, C, H, W) → (N, C, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ConstantPad2d(2, 3.5).forward(randn(1, 3, 4, 5)).shape; // [1, 3, 8, 9]
 */
export class ConstantPad2d extends ConstantPad {
  constructor(...args: ConstantArgs) {
    super(2, args);
  }
}
/**
 * Volumes with a value around them: (N, C, D, H, W) → (N, C, D + front + back, H + top + bottom, W + left + right).
 *
 * @example
 * new nn.ConstantPad3d(1, 3.5).forward(randn(1, 3, 2, 3, 4)).shape; // [1, 3, 4, 5, 6]
 */
export class ConstantPad3d extends ConstantPad {
  constructor(...args: ConstantArgs) {
    super(3, args);
  }
}
