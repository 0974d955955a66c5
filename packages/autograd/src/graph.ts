import { ArgumentError, formatShape } from "@kindling/storage";
import { Accumulator } from "./accumulate.js";
import type { Node } from "./node.js";
import type { Tensor } from "./tensor.js";

/*
 * The `autograd.graph` namespace: what the graph keeps, and what it looks like.
 */

export { savedTensorsHooks } from "./saved-hooks.js";

/** Names of leaves: pairs such as `module.namedParameters()`, or an object. */
export type LeafNames = Iterable<readonly [string, Tensor]> | Readonly<Record<string, Tensor>>;

function namesOf(params: LeafNames): Map<Tensor, string> {
  const entries =
    Symbol.iterator in params ? [...(params as Iterable<readonly [string, Tensor]>)] : Object.entries(params);
  return new Map(entries.map(([name, t]) => [t, name]));
}

function rootOf(output: Tensor, operation: string): Node {
  if (output.gradFn !== null) return output.gradFn;
  throw new ArgumentError(`${operation}: the tensor has no gradFn, so there is no graph to draw`, { operation });
}

/** What a node is called: its operation, or a leaf's name and shape. */
function labelOf(node: Node, names: ReadonlyMap<Tensor, string>): string {
  if (!(node instanceof Accumulator)) return node.name;
  return [names.get(node.leaf) ?? "leaf", formatShape(node.leaf.shape)].join(" ");
}

/**
 * The graph that made `output`, a line for each node, what it was made of below it and further in. A node with several users is
 * numbered, and named by its number where it comes again. For small graphs: deep ones are better drawn by `toDot`.
 *
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * autograd.graph.toText(w.mul(w).sum(), { w });
 * // SumBackward0
 * // └─ MulBackward0
 * //    ├─ #1 w [2]
 * //    └─ #1
 */
export function toText(output: Tensor, params: LeafNames = {}): string {
  const names = namesOf(params);
  const root = rootOf(output, "toText");
  const uses = new Map<Node, number>();
  const unseen = [root];
  for (let node = unseen.pop(); node !== undefined; node = unseen.pop()) {
    for (const input of node.inputs) {
      if (input === null) continue;
      const count = uses.get(input) ?? 0;
      uses.set(input, count + 1);
      if (count === 0) unseen.push(input);
    }
  }
  const numbers = new Map<Node, number>();
  const lines: string[] = [];
  const stack = [{ node: root, head: "", rest: "" }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { node, head, rest } = item;
    const number = numbers.get(node);
    if (number !== undefined) {
      lines.push(`${head}#${number}`);
      continue;
    }
    const shared = (uses.get(node) ?? 0) > 1;
    if (shared) numbers.set(node, numbers.size + 1);
    lines.push(`${head}${shared ? `#${numbers.get(node)} ` : ""}${labelOf(node, names)}`);
    const inputs = node.inputs.filter((input) => input !== null);
    for (let i = inputs.length - 1; i >= 0; i--) {
      const last = i === inputs.length - 1;
      stack.push({ node: inputs[i], head: `${rest}${last ? "└─ " : "├─ "}`, rest: `${rest}${last ? "   " : "│  "}` });
    }
  }
  return lines.join("\n");
}

/**
 * The graph that made `output` in the DOT language, which Graphviz and many viewers draw: leaves as boxes, operations as ovals, an
 * edge for each use, in the direction of the computation.
 */
export function toDot(output: Tensor, params: LeafNames = {}): string {
  const names = namesOf(params);
  const numbers = new Map<Node, number>();
  const nodes: string[] = [];
  const edges: string[] = [];
  const unseen: Node[] = [];
  const idOf = (node: Node): string => {
    let number = numbers.get(node);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(node, number);
      const shape = node instanceof Accumulator ? "box" : "ellipse";
      nodes.push(`  n${number} [label=${JSON.stringify(labelOf(node, names))}, shape=${shape}];`);
      unseen.push(node);
    }
    return `n${number}`;
  };
  nodes.push(`  out [label=${JSON.stringify(`output ${formatShape(output.shape)}`)}, shape=box, style=filled];`);
  edges.push(`  ${idOf(rootOf(output, "toDot"))} -> out;`);
  for (let node = unseen.pop(); node !== undefined; node = unseen.pop()) {
    for (const input of node.inputs) if (input !== null) edges.push(`  ${idOf(input)} -> ${idOf(node)};`);
  }
  return `digraph {\n  node [fontname="monospace"];\n${nodes.join("\n")}\n${edges.join("\n")}\n}`;
}
