import { ArgumentError, getDevice, isFloat } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { checkDType, finish, type TensorOptions } from "./creation.js";
import { unsupported } from "./table.js";
import { fromValues } from "./values.js";

/*
 * A given number of values between two ends.
 */

/** `f` of `steps` evenly spaced values; whole ends for integers. */
function spaced(
  name: string,
  start: number,
  end: number,
  steps: number,
  f: (x: number) => number,
  { dtype, device, requiresGrad }: TensorOptions,
): Tensor {
  if (typeof steps !== "number" || !Number.isInteger(steps)) {
    throw new ArgumentError(`${name}(): argument 'steps' (position 3) must be a whole number, not ${String(steps)}`, {
      steps,
    });
  }
  if (steps < 0) throw new ArgumentError("number of steps must be non-negative", { steps });
  const type = dtype === null ? "float32" : checkDType(dtype, name);
  if (type === "bool") throw unsupported(name, type);
  const [first, last] = isFloat(type) ? [start, end] : [Math.trunc(start), Math.trunc(end)];
  const values = new Float64Array(steps);
  const step = steps > 1 ? (last - first) / (steps - 1) : 0;
  // from both ends, as PyTorch does, so that the last value is `end` to the digit
  for (let i = 0; i < steps; i++) values[i] = f(i < steps / 2 ? first + i * step : last - (steps - 1 - i) * step);
  return finish(fromValues(values, [steps], type, getDevice(device ?? "cpu"), name), requiresGrad);
}

/** `steps` evenly spaced values from `start` to `end`, both included. */
export const linspace = operator<(start: number, end: number, steps: number, options?: TensorOptions) => Tensor>(
  "linspace(start, end, steps, *, dtype=null, device=null, requiresGrad=false)",
  (start: number, end: number, steps: number, dtype: null, device: string | null, requiresGrad: boolean) =>
    spaced("linspace", start, end, steps, (x) => x, { dtype, device, requiresGrad }),
);

type LogOptions = TensorOptions & { base?: number };

/** `base` to the power of `steps` evenly spaced values from `start` to `end`, both included. */
export const logspace = operator<
  (start: number, end: number, steps: number, base?: number | LogOptions, options?: LogOptions) => Tensor
>(
  "logspace(start, end, steps, base=10, *, dtype=null, device=null, requiresGrad=false)",
  (
    start: number,
    end: number,
    steps: number,
    base: number,
    dtype: null,
    device: string | null,
    requiresGrad: boolean,
  ) => spaced("logspace", start, end, steps, (x) => base ** x, { dtype, device, requiresGrad }),
);
