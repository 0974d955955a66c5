import { autograd, type Tensor, zerosLike } from "@kindling/autograd";
import { Jacobian, valuesOf } from "./jacobian.js";
import { failures } from "./report.js";

type Grad = Tensor | null;

/**
 * The Jacobians of `output` by each of `inputs`, by its own backward: one pass for each element of `output`. All is computed
 * twice.
 * @throws GradcheckError where both times differ by more than `nondetTol`, or a gradient has not its input's size or (with
 * `checkGradDtypes`) dtype
 */
export function analyticalJacobians(
  output: Tensor,
  number: number,
  inputs: readonly Tensor[],
  nondetTol: number,
  checkGradDtypes: boolean,
): Jacobian[] {
  const first = jacobians(output, inputs, checkGradDtypes);
  const second = jacobians(output, inputs, checkGradDtypes);
  first.forEach((jacobian, i) => {
    const difference = jacobian.distance(second[i]);
    if (!(difference <= nondetTol)) throw failures.notReentrant(number, i, nondetTol, difference);
  });
  return first;
}

function jacobians(output: Tensor, inputs: readonly Tensor[], checkDTypes: boolean): Jacobian[] {
  const n = output.numel();
  const made = inputs.map((x) => new Jacobian(x.numel(), n, x.dtype));
  for (let column = 0; column < n; column++) {
    const gradOutput = zerosLike(output);
    gradOutput.asStrided([], [], column).fill_(1);
    const grads = autograd.grad(output, inputs, { gradOutputs: gradOutput, retainGraph: true, allowUnused: true });
    grads.forEach((grad, i) => {
      checkGrad(grad, inputs[i], i, checkDTypes);
      if (grad !== null) made[i].setColumn(column, valuesOf(grad));
    });
  }
  return made;
}

function checkGrad(grad: Grad, input: Tensor, number: number, checkDType: boolean): void {
  if (grad === null) return;
  if (!sameSizes(grad, input)) throw failures.wrongSize(number);
  if (checkDType && grad.dtype !== input.dtype) throw failures.wrongDType(number);
}

const sameSizes = (a: Tensor, b: Tensor): boolean => a.ndim === b.ndim && a.shape.every((n, d) => n === b.shape[d]);

const isZero = (grad: Tensor): boolean => Array.prototype.every.call(valuesOf(grad), (x: number) => x === 0);

/** Gradients of zero must come out as zero: backward is linear in the gradients of the outputs. */
export function checkMultiplied(outputs: readonly Tensor[], inputs: readonly Tensor[]): void {
  const zeros = outputs.map((o) => zerosLike(o));
  const grads = autograd.grad(outputs, inputs, { gradOutputs: zeros, allowUnused: true });
  grads.forEach((grad, i) => {
    if (grad === null) return;
    const input = inputs[i];
    if (!isZero(grad)) throw failures.notMultiplied(i);
    if (grad.dtype !== input.dtype || grad.device !== input.device) throw failures.incorrectType(i);
    if (!sameSizes(grad, input)) throw failures.incorrectSize(i);
  });
}

/** The identity, which lets no gradient pass. */
class UndefinedGrad extends autograd.Function {
  static override forward(_ctx: unknown, x: Tensor): Tensor {
    return x;
  }
  static override backward(): null {
    return null;
  }
}

/**
 * Outputs that get no gradient at all must count as outputs with a gradient of zero: checked with all of them, then one by one.
 * @param run makes the differentiable outputs anew
 */
export function checkUndefined(run: () => readonly Tensor[], count: number, inputs: readonly Tensor[]): void {
  withUndefined(
    run().map((o) => UndefinedGrad.apply(o)),
    inputs,
  );
  if (count < 2) return;
  for (let i = 0; i < count; i++) {
    withUndefined(
      run().map((o, j) => (j === i ? UndefinedGrad.apply(o) : o)),
      inputs,
    );
  }
}

function withUndefined(outputs: readonly Tensor[], inputs: readonly Tensor[]): void {
  let grads: readonly Grad[];
  try {
    const zeros = outputs.map((o) => zerosLike(o));
    grads = autograd.grad(outputs, inputs, { gradOutputs: zeros, allowUnused: true });
  } catch (cause) {
    throw failures.undefinedThrows(cause);
  }
  grads.forEach((grad, i) => {
    if (grad !== null && !isZero(grad)) throw failures.undefinedNotZero(i);
  });
}
