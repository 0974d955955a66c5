import { ShapeError, type Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import * as F from "./functional/softmax.js";
import { Module } from "./module.js";
import { settings } from "./repr.js";

/*
 * Activations along one dimension.
 */

const bindDim = binder<[dim: number | null]>("softmax(dim=null)");

/** Activations along one dimension. */
abstract class Along extends Module {
  readonly dim: number | null;

  constructor(...args: Cut<[dim: number | null], { dim?: number | null }>) {
    const [dim] = bindDim(args);
    super();
    this.dim = dim;
  }

  override extraRepr(): string {
    return settings({ dim: this.dim });
  }
}

/**
 * `eˣ / Σ eˣ` along `dim`: positive numbers of sum 1.
 *
 * @example
 * new nn.Softmax(1).forward(tensor([[0, 0]])); // tensor([[0.5000, 0.5000]])
 */
export class Softmax extends Along {
  override forward(input: Tensor): Tensor {
    return F.softmax(input, this.dim);
  }
}

/**
 * `log(softmax(x))` along `dim`, without overflow.
 *
 * @example
 * new nn.LogSoftmax(1).forward(tensor([[0, 0]])); // tensor([[-0.6931, -0.6931]])
 */
export class LogSoftmax extends Along {
  override forward(input: Tensor): Tensor {
    return F.logSoftmax(input, this.dim);
  }
}

/**
 * `softmax(−x)` along `dim`.
 *
 * @example
 * new nn.Softmin(1).forward(tensor([[0, 1]])); // tensor([[0.7311, 0.2689]])
 */
export class Softmin extends Along {
  override forward(input: Tensor): Tensor {
    return F.softmin(input, this.dim);
  }
}

/**
 * `eˣ / Σ eˣ` over the channels of (N, C, H, W) or (C, H, W), for each place.
 * @throws ShapeError for other numbers of dimensions
 *
 * @example
 * new nn.Softmax2d().forward(zeros(2, 1, 1)); // tensor([[[0.5000]], [[0.5000]]])
 */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new ShapeError("Softmax2d requires a 3D or 4D tensor as input", { shape: input.shape });
    }
    return F.softmax(input, -3);
  }
}

const bindGlu = binder<[dim: number]>("GLU(dim=-1)");

/**
 * `a · sigmoid(b)` of the two halves `a`, `b` of the input along `dim`, which becomes half as long.
 *
 * @example
 * new nn.GLU().forward(tensor([2, 0])); // tensor([1.])
 */
export class GLU extends Module {
  readonly dim: number;

  constructor(...args: Cut<[dim: number], { dim?: number }>) {
    const [dim] = bindGlu(args);
    super();
    this.dim = dim;
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return settings({ dim: this.dim });
  }
}
