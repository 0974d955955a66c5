import { ArgumentError, cat, isTensor, noGrad, type Tensor } from "@kindling/autograd";

/** All elements of the parameters in one row. */
export const parametersToVector = (parameters: Iterable<Tensor>): Tensor =>
  cat([...parameters].map((parameter) => parameter.reshape(-1)));

/** Copies the elements of one row back into the parameters. */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  if (!isTensor(vector)) throw new ArgumentError(`expected Tensor, but got: ${typeof vector}`);
  let start = 0;
  noGrad(() => {
    for (const parameter of parameters) {
      const size = parameter.numel();
      parameter.data.copy_(vector.narrow(0, start, size).reshape(parameter.shape));
      start += size;
    }
  });
}
