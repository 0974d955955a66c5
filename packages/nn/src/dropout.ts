import { ArgumentError, type Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import * as F from "./functional/dropout.js";
import { Module } from "./module.js";
import { real, settings } from "./repr.js";

const bindDropout = binder<[p: number, inplace: boolean]>("Dropout(p=0.5, inplace=false)");

/** In training zeroes at random; in evaluation passes its input on. */
abstract class Dropping extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(...args: Cut<[p: number, inplace: boolean], { p?: number; inplace?: boolean }>) {
    const [p, inplace] = bindDropout(args);
    super();
    if (!(p >= 0 && p <= 1)) {
      throw new ArgumentError(`dropout probability has to be between 0 and 1, but got ${p}`, { p });
    }
    this.p = p;
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return settings({ p: real(this.p), inplace: this.inplace });
  }
}

/**
 * In training zeroes elements with probability `p` and scales the others by 1 / (1 − p); in evaluation passes its input on.
 * (*) → (*).
 *
 * @example
 * const drop = new nn.Dropout(0.2);
 * drop.forward(ones(4)); // some of 1.25, 1.25, 0, 1.25
 * drop.eval().forward(ones(4)); // tensor([1., 1., 1., 1.])
 */
export class Dropout extends Dropping {
  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels: (N, C, L) → (N, C, L), or without N. */
export class Dropout1d extends Dropping {
  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels: (N, C, H, W) → (N, C, H, W), or (N, C, L) → (N, C, L). */
export class Dropout2d extends Dropping {
  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels: (N, C, D, H, W) → (N, C, D, H, W), or without N. */
export class Dropout3d extends Dropping {
  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout that keeps mean and variance, for networks of `SELU`: dropped elements take its value far left of 0. (*) → (*). */
export class AlphaDropout extends Dropping {
  override forward(input: Tensor): Tensor {
    return F.alphaDropout(input, this.p, this.training);
  }
}

/** `AlphaDropout` of whole channels: (N, C, *) → (N, C, *). */
export class FeatureAlphaDropout extends Dropping {
  override forward(input: Tensor): Tensor {
    return F.featureAlphaDropout(input, this.p, this.training);
  }
}
