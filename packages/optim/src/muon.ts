import { ArgumentError, addmm, ShapeError, signature, type Tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Muon; `lr` is 1e-3 by default. */
export interface MuonOptions extends GroupOptions {
  /** Rate of the weights' decay beside the gradient; 0.1 by default. */
  weightDecay: number;
  /** Share of the last step's direction that is kept; 0.95 by default. */
  momentum: number;
  /** Whether the momentum is Nesterov's; it is by default. */
  nesterov: boolean;
  /** The polynomial of an iteration: 3.4445, −4.775 and 2.0315 by default. */
  nsCoefficients: readonly [number, number, number];
  /** The least norm that a direction is divided by; 1e-7 by default. */
  eps: number;
  /** Number of iterations; 5 by default. */
  nsSteps: number;
  /**
   * How the rate depends on the shape (A, B): `"original"`, the default (`null`), times √max(1, A / B); `"match_rms_adamw"`
   * times 0.2 √max(A, B), so that rates and decays of AdamW serve.
   */
  adjustLrFn: "original" | "match_rms_adamw" | null;
}

interface MuonState {
  momentum_buffer: Tensor;
}

const arguments_ = signature(
  "Muon(params, lr=1e-3, weightDecay=0.1, momentum=0.95, nesterov=true, nsCoefficients=[3.4445, -4.775, 2.0315], eps=1e-7, nsSteps=5, adjustLrFn=null)",
);

type Positions = [
  lr: number,
  weightDecay: number,
  momentum: number,
  nesterov: boolean,
  nsCoefficients: readonly [number, number, number],
  eps: number,
  nsSteps: number,
];

/**
 * Momentum whose direction is made nearly orthogonal, for the weight matrices of hidden layers; other parameters go to AdamW.
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024); rates after Liu et al., "Muon is Scalable
 * for LLM Training" (2025). Computes in the parameters' dtype, where PyTorch iterates in bfloat16.
 */
export class Muon extends Optimizer<MuonOptions, MuonState> {
  /** @throws ShapeError for parameters that are no matrices, besides what every optimizer refuses */
  constructor(params: Params<MuonOptions>, ...options: OptimizerArgs<MuonOptions, Positions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check(group: ParamGroup<MuonOptions>): void {
    const { params, lr, momentum, weightDecay, adjustLrFn, nsSteps } = group;
    atLeastZero("learning rate", lr);
    atLeastZero("momentum value", momentum);
    atLeastZero("weightDecay value", weightDecay);
    if (!(Number.isInteger(nsSteps) && nsSteps >= 0 && nsSteps < 100)) {
      throw new ArgumentError(
        `Number of steps must be less than 100 for computational efficiency, but got ${nsSteps}`,
        {
          nsSteps,
        },
      );
    }
    if (adjustLrFn !== null && adjustLrFn !== "original" && adjustLrFn !== "match_rms_adamw") {
      throw new ArgumentError(`Adjust learning rate function ${adjustLrFn} is not supported`, { adjustLrFn });
    }
    for (const { ndim, shape } of params) {
      if (ndim === 2) continue;
      throw new ShapeError(
        `Muon only supports 2D parameters whereas we found a parameter with size: [${shape.join(", ")}]`,
        { shape },
      );
    }
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<MuonOptions>): void {
    muon(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function muon(param: Tensor, grad: Tensor, state: Partial<MuonState>, options: MuonOptions): void {
  const { lr, weightDecay, momentum, nesterov, adjustLrFn } = options;
  state.momentum_buffer ??= zerosLike(param);
  const buffer = state.momentum_buffer.mul_(momentum).add_(grad, { alpha: 1 - momentum });
  const direction = nesterov ? grad.mul(1 - momentum).add_(buffer, { alpha: momentum }) : buffer;
  const [rows, columns] = param.shape;
  const ratio =
    adjustLrFn === "match_rms_adamw"
      ? 0.2 * Math.sqrt(Math.max(rows, columns))
      : Math.sqrt(Math.max(1, rows / columns));
  if (weightDecay !== 0) param.mul_(1 - lr * weightDecay);
  param.add_(orthogonalized(direction, options), { alpha: -lr * ratio });
}

/** The matrix with all singular values brought near to 1, by Newton's and Schulz's iteration with a polynomial of degree 5. */
function orthogonalized(matrix: Tensor, { nsCoefficients, nsSteps, eps }: MuonOptions): Tensor {
  const [a, b, c] = nsCoefficients;
  const tall = matrix.shape[0] > matrix.shape[1];
  let x = tall ? matrix.t() : matrix;
  x = x.div(x.norm().clampMin(eps));
  for (let step = 0; step < nsSteps; step++) {
    const gram = x.matmul(x.t());
    const polynomial = addmm(gram, gram, gram, { beta: b, alpha: c });
    x = addmm(x, polynomial, x, { beta: a });
  }
  return tall ? x.t() : x;
}
