import { ArgumentError, dot, empty, mv, noGrad, type Tensor } from "@kindling/autograd";
import { binder, type Cut } from "../args.js";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../conv-transpose.js";
import { normalize } from "../functional/distance.js";
import { Module } from "../module.js";
import { Buffer } from "../parameter.js";
import { registerParametrization } from "./parametrize.js";

/*
 * Parametrizations that are ready to use.
 */

/** The norm over all dimensions but `dim`, which stay as size 1; over all of them where `dim` is -1. */
function normExcept(t: Tensor, dim: number): Tensor {
  if (dim === -1) return t.norm();
  const others = t.shape.map((_, d) => d).filter((d) => d !== dim);
  return others.length === 0 ? t.abs() : t.norm(2, others, true);
}

class WeightNorm extends Module {
  private readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(normExcept(v, this.dim)));
  }

  rightInverse(weight: Tensor): Tensor[] {
    return [normExcept(weight, this.dim), weight];
  }
}

type WeightNormArgs = Cut<[name: string, dim: number | null], { name?: string; dim?: number | null }>;
const bindWeightNorm = binder<[name: string, dim: number | null]>('weightNorm(name="weight", dim=0)');

/**
 * Learns a weight's length and direction apart: `w = g · v / ‖v‖` (Salimans and Kingma 2016), with a length for each index along
 * `dim`, or one for all where `dim` is `null`. They are `parametrizations.weight.original0` (g) and `original1` (v).
 *
 * @example
 * const layer = nn.utils.parametrizations.weightNorm(new nn.Linear(20, 40));
 * layer.parametrizations.get("weight").original0.shape; // [40, 1]
 */
export function weightNorm<M extends Module>(module: M, ...args: WeightNormArgs): M {
  const [name, dim] = bindWeightNorm(args);
  const value = (module as unknown as Record<string, Tensor | undefined>)[name];
  const axis = dim === null || dim === -1 ? -1 : dim < 0 ? dim + (value?.ndim ?? 0) : dim;
  return registerParametrization(module, name, new WeightNorm(axis), { unsafe: true });
}

class SpectralNorm extends Module {
  readonly dim: number;
  readonly eps: number;
  readonly nPowerIterations: number;
  _u: Buffer | null = null;
  _v: Buffer | null = null;

  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super();
    this.dim = dim < 0 ? dim + weight.ndim : dim;
    this.eps = eps;
    this.nPowerIterations = nPowerIterations;
    if (weight.ndim === 1) return;
    noGrad(() => {
      const matrix = this.matrix(weight);
      const [rows, columns] = matrix.shape;
      const start = (size: number): Buffer =>
        new Buffer(normalize(empty([size], { dtype: weight.dtype, device: weight.device }).normal_(), { dim: 0, eps }));
      this._u = start(rows);
      this._v = start(columns);
      this.iterate(matrix, 15);
    });
  }

  /** The weight as a matrix with `dim` first. */
  private matrix(weight: Tensor): Tensor {
    const turned = this.dim === 0 ? weight : weight.movedim(this.dim, 0);
    return turned.flatten(1);
  }

  /** Brings `_u` and `_v` nearer to the first singular vectors. */
  private iterate(matrix: Tensor, times: number): void {
    const [u, v] = [this._u as Buffer, this._v as Buffer];
    noGrad(() => {
      for (let i = 0; i < times; i++) {
        u.copy_(normalize(mv(matrix, v), { dim: 0, eps: this.eps }));
        v.copy_(normalize(mv(matrix.t(), u), { dim: 0, eps: this.eps }));
      }
    });
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return normalize(weight, { dim: 0, eps: this.eps });
    const matrix = this.matrix(weight);
    if (this.training) this.iterate(matrix, this.nPowerIterations);
    // copies: the next call changes the buffers in place
    const [u, v] = [(this._u as Buffer).detach().clone(), (this._v as Buffer).detach().clone()];
    return weight.div(dot(u, mv(matrix, v)));
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

type SpectralSettings = [name: string, nPowerIterations: number, eps: number, dim: number | null];
type SpectralOptions = { name?: string; nPowerIterations?: number; eps?: number; dim?: number | null };
const bindSpectral = binder<SpectralSettings>('spectralNorm(name="weight", nPowerIterations=1, eps=1e-12, dim=null)');

const TRANSPOSED = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d];

/**
 * Divides a weight by its largest singular value, estimated by power iterations that go on in training (Miyato et al. 2018). A
 * weight of more dimensions counts as the matrix whose rows run along `dim`: 0, or 1 for transposed convolutions.
 *
 * @example
 * const layer = nn.utils.parametrizations.spectralNorm(new nn.Linear(20, 40));
 */
export function spectralNorm<M extends Module>(module: M, ...args: Cut<SpectralSettings, SpectralOptions>): M {
  const [name, iterations, eps, dim] = bindSpectral(args);
  if (!(iterations > 0)) {
    throw new ArgumentError(`Expected nPowerIterations to be positive, but got nPowerIterations=${iterations}`, {
      nPowerIterations: iterations,
    });
  }
  const weight = (module as unknown as Record<string, Tensor | undefined>)[name];
  if (weight === undefined) {
    throw new ArgumentError(`Module '${module.constructor.name}' has no parameter or buffer with name '${name}'`, {
      attribute: name,
    });
  }
  const transposed = TRANSPOSED.some((Transposed) => module instanceof Transposed);
  const parametrization = new SpectralNorm(weight, iterations, dim ?? (transposed ? 1 : 0), eps);
  return registerParametrization(module, name, parametrization);
}
