import { isTensor, type optim, type Tensor } from "kindling";

/** What is behind the name of a tensor of an optimizer's state: the parameter's number and the field. */
const PREFIX = "optimizer.";

/** An optimizer's state as a safetensors file takes it: tensors by name, on the `cpu`, and its groups as JSON. */
export async function packOptimizer(
  optimizer: optim.Optimizer,
): Promise<{ tensors: Record<string, Tensor>; groups: string }> {
  const { state, param_groups } = optimizer.stateDict();
  const tensors: Record<string, Tensor> = {};
  for (const [index, fields] of state) {
    for (const [name, value] of Object.entries(fields)) {
      if (isTensor(value)) tensors[`${PREFIX}${index}.${name}`] = await value.cpu();
    }
  }
  return { tensors, groups: JSON.stringify(param_groups) };
}

/**
 * Gives an optimizer what `packOptimizer` made of another; other tensors are left alone.
 * @throws KindlingError for the state of other parameters, SyntaxError for groups that are no JSON
 */
export function unpackOptimizer(optimizer: optim.Optimizer, tensors: Record<string, Tensor>, groups: string): void {
  const state = new Map<number, Record<string, unknown>>();
  for (const [name, value] of Object.entries(tensors)) {
    if (!name.startsWith(PREFIX)) continue;
    const [, index, field] = name.split(".");
    state.set(Number(index), { ...state.get(Number(index)), [field]: value });
  }
  optimizer.loadStateDict({ state, param_groups: JSON.parse(groups) });
}

/** The tensors whose names begin with `prefix`, by the rest of their names. */
export const tensorsOf = (prefix: string, tensors: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
