import type { Node, Tensor } from "@kindling/autograd";
import { type NamedTensors, walk } from "./walk.js";

export interface GraphOptions {
  /**
   * Names for tensors: leaves and results bear them, and so do operators that made a tensor with a name. A record such as
   * `{ x, w, hidden }`, or `module.namedParameters()`.
   */
  names?: NamedTensors;
  /** Whether the tensors that operators keep for their derivative are drawn too. Only before a backward pass has freed them. */
  saved?: boolean;
}

/** Okabe and Ito's blue, green and vermilion, told apart by colour-blind readers too; fills are their shades. */
const STYLE = {
  leaf: 'class="leaf", color="#0072b2", fillcolor="#0072b233"',
  result: 'class="result", color="#009e73", fillcolor="#009e7340"',
  saved: 'class="saved", color="#d55e00", fillcolor="#d55e0033"',
};

/**
 * The graph that made tensors as a text in Graphviz's language DOT, like torchviz's `make_dot`: operators by their node's
 * name (`MulBackward0`), leaves in blue, results in green, saved tensors in orange. What is computed flows downwards, gradients
 * flow upwards. A tensor that is used twice has two arrows: its gradient is their sum.
 * @throws AutogradError for a tensor without a graph, and with `saved` where saved tensors are freed or were changed in place
 */
export function graphDot(tensors: Tensor | readonly Tensor[], { names, saved = false }: GraphOptions = {}): string {
  const graph = walk(tensors, names);
  const ids = new Map<Node | Tensor, string>();
  const lines: string[] = [];
  const idOf = (item: Node | Tensor, attributes: () => string): string => {
    let id = ids.get(item);
    if (id === undefined) {
      id = `n${ids.size}`;
      ids.set(item, id);
      lines.push(`  ${id} [${attributes()}];`);
    }
    return id;
  };
  const idOfTensor = (tensor: Tensor, style: keyof typeof STYLE): string =>
    idOf(tensor, () => `${labelOf(graph.names.get(tensor) ?? "", shapeOf(tensor.shape))}, ${STYLE[style]}`);

  /** Names of tensors inside the graph, by the node that made them. */
  const made = new Map<Node, string[]>();
  for (const [tensor, name] of graph.names) {
    if (tensor.gradFn === null || graph.results.includes(tensor)) continue;
    const text = `${name} ${shapeOf(tensor.shape)}`;
    made.set(tensor.gradFn, [...(made.get(tensor.gradFn) ?? []), text]);
  }

  for (const leaf of graph.leaves) idOfTensor(leaf, "leaf");
  for (const node of graph.operators) {
    idOf(node, () => `${labelOf(node.name, ...(made.get(node) ?? []))}, class="operator"`);
  }
  for (const { from, to, output } of graph.edges) {
    lines.push(`  ${ids.get(from)} -> ${ids.get(to)}${output > 0 ? ` [taillabel=" ${output} "]` : ""};`);
  }
  for (const tensor of graph.results) {
    const id = idOfTensor(tensor, "result");
    lines.push(`  ${ids.get(tensor.gradFn as Node)} -> ${id};`);
  }
  if (saved) {
    for (const node of graph.operators) {
      for (const tensor of savedBy(node)) {
        lines.push(`  ${idOfTensor(tensor, "saved")} -> ${ids.get(node)} [class="keeps", style=dashed, dir=none];`);
      }
    }
  }
  return `digraph {
  graph [bgcolor="transparent", ranksep=0.3, nodesep=0.3];
  node [shape=box, style="rounded,filled", fillcolor="transparent", fontname="Helvetica,Arial,sans-serif", fontsize=11, height=0.3, margin="0.18,0.06"];
  edge [arrowsize=0.6, fontname="Helvetica,Arial,sans-serif", fontsize=9];
${lines.join("\n")}
}
`;
}

function savedBy(node: Node): Tensor[] {
  const tensors = Array.from({ length: node.savedCount }, (_, i) => node.savedOrNull(i));
  return [...new Set(tensors)].filter((tensor) => tensor !== null);
}

const shapeOf = (shape: readonly number[]): string => `(${shape.join(", ")})`;

/** A label of several lines; empty ones are left out. */
const labelOf = (...lines: string[]): string => {
  const texts = lines.filter((line) => line !== "").map((line) => line.replace(/[\\"]/g, "\\$&").replace(/\s+/g, " "));
  return `label="${texts.join("\\n")}"`;
};
