import { ArgumentError, AutogradError, isTensor, type Node, type Tensor } from "@kindling/autograd";

/** Tensors with names: a record, a map, or pairs such as `module.namedParameters()`. */
export type NamedTensors = Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>;

/** A tensor's graph in plain lists, oldest node first: what there is to draw. */
export interface Graph {
  /** Operators, each use one node. */
  readonly operators: readonly Node[];
  /** Tensors that gradients are collected in: parameters and inputs. */
  readonly leaves: readonly Tensor[];
  /** The tensors that were asked for, where an operator made them. */
  readonly results: readonly Tensor[];
  /** From what an operator reads, and which output of it, to the operator. */
  readonly edges: readonly Edge[];
  readonly names: ReadonlyMap<Tensor, string>;
}

export interface Edge {
  readonly from: Node | Tensor;
  readonly output: number;
  readonly to: Node;
}

/** The leaf whose gradient a node collects, of nodes that do. */
const leafOf = (node: Node): Tensor | undefined => (node as { leaf?: Tensor }).leaf;

/**
 * The graph above `tensors`, as `gradFn` and `nextFunctions` show it.
 * @throws AutogradError where one of them does not require grad
 */
export function walk(tensors: Tensor | readonly Tensor[], named: NamedTensors = {}): Graph {
  const asked: readonly Tensor[] = isTensor(tensors) ? [tensors] : tensors;
  if (!Array.isArray(asked) || asked.length === 0 || !asked.every(isTensor)) {
    throw new ArgumentError("graph expects a tensor or an array of tensors");
  }
  const operators = new Set<Node>();
  const leaves = new Set<Tensor>();
  const edges: Edge[] = [];
  const waiting: Node[] = [];
  const enter = (node: Node): void => {
    if (operators.has(node)) return;
    operators.add(node);
    waiting.push(node);
  };
  for (const [i, tensor] of asked.entries()) {
    const { gradFn } = tensor;
    if (gradFn !== null) enter(gradFn);
    else if (tensor.requiresGrad) leaves.add(tensor);
    else throw new AutogradError(`element ${i} of tensors does not require grad and does not have a gradFn`);
  }
  for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
    for (const [node, output] of to.nextFunctions) {
      if (node === null) continue;
      const leaf = leafOf(node);
      if (leaf === undefined) enter(node);
      else leaves.add(leaf);
      edges.push({ from: leaf ?? node, output, to });
    }
  }
  return {
    operators: [...operators].sort((a, b) => a.sequence - b.sequence),
    leaves: [...leaves],
    results: [...new Set(asked)].filter((tensor) => tensor.gradFn !== null),
    edges,
    names: namesOf(named),
  };
}

function namesOf(named: NamedTensors): Map<Tensor, string> {
  const pairs = Symbol.iterator in named ? [...named] : Object.entries(named);
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of pairs) {
    if (!isTensor(tensor)) throw new ArgumentError(`names: ${name} is not a tensor`);
    if (!names.has(tensor)) names.set(tensor, name);
  }
  return names;
}
