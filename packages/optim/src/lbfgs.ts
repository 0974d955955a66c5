import { ArgumentError, cat, heldBy, isTensor, noGrad, signature, type Tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { ask, type Dialog, evaluate, hold, read } from "./dialog.js";
import { optionsOf } from "./names.js";
import {
  callWithGrad,
  type GroupOptions,
  isPromise,
  Optimizer,
  type OptimizerArgs,
  type ParamGroup,
  type Params,
} from "./optimizer.js";
import { type Point, strongWolfe } from "./strong-wolfe.js";

/** Options of LBFGS; `lr` is 1 by default. */
export interface LBFGSOptions extends GroupOptions {
  /** Iterations of a step, at most; 20. */
  maxIter: number;
  /** Calls of the closure in a step, about; 5/4 of `maxIter`. */
  maxEval: number;
  /** A step ends where no gradient is larger; 1e-7. */
  toleranceGrad: number;
  /** A step ends where neither the loss nor a parameter changes by more; 1e-9. */
  toleranceChange: number;
  /** How many changes of the gradient are remembered; 100. */
  historySize: number;
  /** Whether the length of each move is searched for; otherwise it is `lr`. */
  lineSearchFn: "strong_wolfe" | null;
}

/** One state for all parameters, kept for the first of them. Flat tensors hold all parameters in a row. */
interface LBFGSState {
  func_evals: number;
  n_iter: number;
  d: Tensor;
  t: number | Tensor;
  old_dirs: Tensor[];
  old_stps: Tensor[];
  ro: Tensor[];
  H_diag: number | Tensor;
  prev_flat_grad: Tensor;
  prev_loss: number;
}

const arguments_ = signature(
  "LBFGS(params, lr=1, maxIter=20, maxEval=null, toleranceGrad=1e-7, toleranceChange=1e-9, historySize=100, lineSearchFn=null)",
);

type Positions = [
  lr: number,
  maxIter: number,
  maxEval: number | null,
  toleranceGrad: number,
  toleranceChange: number,
  historySize: number,
  lineSearchFn: "strong_wolfe" | null,
];

function optionsWithDefaults(params: unknown, given: readonly unknown[]): LBFGSOptions {
  const options = optionsOf<LBFGSOptions & { maxEval: number | null }>(arguments_, params, given);
  options.maxEval ??= Math.floor((options.maxIter * 5) / 4);
  return options;
}

/**
 * L-BFGS: Newton's method with an inverse Hessian approximated from the last changes of the gradient; after `minFunc` by
 * M. Schmidt. All parameters are in one group, on one device.
 *
 * `step` needs a closure and calls it several times. With a synchronous one the device has to allow synchronous reads; with
 * an asynchronous one none is made.
 */
export class LBFGS extends Optimizer<LBFGSOptions, LBFGSState> {
  /** @throws ArgumentError for several groups, besides what every optimizer refuses */
  constructor(params: Params<LBFGSOptions>, ...options: OptimizerArgs<LBFGSOptions, Positions>) {
    super(params, optionsWithDefaults(params, options));
  }

  override addParamGroup(group: Parameters<Optimizer<LBFGSOptions>["addParamGroup"]>[0]): void {
    if (this.paramGroups.length > 0) {
      throw new ArgumentError("LBFGS doesn't support per-parameter options (parameter groups)");
    }
    super.addParamGroup(group);
  }

  protected override check({ lr, lineSearchFn }: ParamGroup<LBFGSOptions>): void {
    atLeastZero("learning rate", lr);
    if (lineSearchFn !== null && lineSearchFn !== "strong_wolfe") {
      throw new ArgumentError("only 'strong_wolfe' is supported", { lineSearchFn });
    }
  }

  /**
   * Some iterations, each with a call of the closure or more.
   * @param closure clears the gradients, computes the loss and its gradients, and returns the loss
   * @returns the loss of the closure's first call, as a promise where the closure is asynchronous
   */
  override step(closure?: null): never;
  override step<L>(closure: () => L): L;
  override step(closure?: (() => unknown) | null): unknown {
    if (typeof closure !== "function") throw new ArgumentError("LBFGS.step() needs a closure that computes the loss");
    const [group] = this.paramGroups;
    const first = callWithGrad(closure);
    const iterations = (loss: unknown) => noGrad(() => lbfgs(group, this.stateOf(group.params[0]), loss));
    const again = () => callWithGrad(closure);
    if (isPromise(first)) {
      return first.then(async (loss) => {
        await hold(iterations(loss), again);
        return loss;
      });
    }
    ask(iterations(first), again);
    heldBy(group.params[0], this.state.get(group.params[0]));
    return first;
  }
}

/** The iterations of one step, which begin where the closure has been called once, with result `firstLoss`. */
function* lbfgs(group: ParamGroup<LBFGSOptions>, state: Partial<LBFGSState>, firstLoss: unknown): Dialog<void> {
  const { params, lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = group;
  let evaluations = 1;
  let { d, t = 0, old_dirs = [], old_stps = [], ro = [], H_diag = 1, prev_flat_grad } = state;
  state.func_evals = (state.func_evals ?? 0) + 1;
  state.n_iter ??= 0;

  let gradient = flatGradient(params);
  let [loss, steepest] = yield* read(firstLoss, gradient.abs().max());
  if (steepest <= toleranceGrad) return;
  [t] = yield* read(t);
  let previousLoss = state.prev_loss ?? loss;

  for (let n = 1; n <= maxIter; n++) {
    state.n_iter++;
    if (state.n_iter === 1 || d === undefined || prev_flat_grad === undefined) {
      d = gradient.neg();
      [old_dirs, old_stps, ro, H_diag] = [[], [], [], 1];
    } else {
      const y = gradient.sub(prev_flat_grad);
      const s = d.mul(t);
      const ys = y.dot(s);
      const [curvature] = yield* read(ys);
      if (curvature > 1e-10) {
        if (old_dirs.length === historySize) for (const list of [old_dirs, old_stps, ro]) list.shift();
        old_dirs.push(y);
        old_stps.push(s);
        ro.push(ys.reciprocal());
        H_diag = ys.div(y.dot(y));
      }
      d = direction(gradient, old_dirs, old_stps, ro, H_diag);
    }
    prev_flat_grad = gradient;
    previousLoss = loss;

    const [slope, length] = yield* read(gradient.dot(d), gradient.abs().sum());
    t = state.n_iter === 1 ? Math.min(1, 1 / length) * lr : lr;
    if (slope > -toleranceChange) break;

    let calls = 0;
    if (lineSearchFn === null) {
      move(params, t, d);
      if (n !== maxIter) {
        [loss] = yield* read(yield* evaluate());
        gradient = flatGradient(params);
        [steepest] = yield* read(gradient.abs().max());
        calls = 1;
      }
    } else {
      const along = d;
      const start = params.map((param) => param.clone());
      const at = function* (step: number): Dialog<Point> {
        move(params, step, along);
        const value = yield* evaluate();
        const g = flatGradient(params);
        params.forEach((param, i) => {
          param.copy_(start[i]);
        });
        const [f, gtd] = yield* read(value, g.dot(along));
        return { t: step, f, g, gtd };
      };
      const [longest] = yield* read(d.abs().max());
      const found = yield* strongWolfe(at, { t: 0, f: loss, g: gradient, gtd: slope }, t, longest, toleranceChange);
      ({ t, f: loss, g: gradient } = found.point);
      calls = found.calls;
      move(params, t, d);
      [steepest] = yield* read(gradient.abs().max());
    }
    evaluations += calls;
    state.func_evals += calls;

    if (n === maxIter || evaluations >= maxEval || steepest <= toleranceGrad) break;
    const [change] = yield* read(d.mul(t).abs().max());
    if (change <= toleranceChange || Math.abs(loss - previousLoss) < toleranceChange) break;
  }
  Object.assign(state, { d, t, old_dirs, old_stps, ro, H_diag, prev_flat_grad, prev_loss: previousLoss });
}

/** Minus the approximate inverse Hessian times the gradient, by the recursion over both ends of the history. */
function direction(gradient: Tensor, dirs: Tensor[], steps: Tensor[], ro: Tensor[], diagonal: number | Tensor): Tensor {
  const q = gradient.neg();
  const al: Tensor[] = [];
  for (let i = dirs.length - 1; i >= 0; i--) {
    al[i] = steps[i].dot(q).mul(ro[i]);
    q.sub_(dirs[i].mul(al[i]));
  }
  const d = q.mul(diagonal);
  for (let i = 0; i < dirs.length; i++) {
    const be = dirs[i].dot(d).mul(ro[i]);
    d.add_(steps[i].mul(al[i].sub(be)));
  }
  return d;
}

/** All gradients in a row; zeros where there is none. */
const flatGradient = (params: readonly Tensor[]): Tensor =>
  cat(params.map((param) => (isTensor(param.grad) ? param.grad.detach() : zerosLike(param)).reshape(-1)));

/** Adds `t · d` to the parameters. */
function move(params: readonly Tensor[], t: number, d: Tensor): void {
  let start = 0;
  for (const param of params) {
    const n = param.numel();
    param.add_(d.narrow(0, start, n).reshape(param.shape), { alpha: t });
    start += n;
  }
}
