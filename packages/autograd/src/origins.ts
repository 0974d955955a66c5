import type { Node } from "./node.js";

/** Where a node was made, kept while anomaly detection is on. */
interface Origin {
  readonly stack: string;
  /** The node in whose derivative this one was made. */
  readonly within: Node | null;
}

const origins = new WeakMap<Node, Origin>();

export const originOf = (node: Node): Origin | undefined => origins.get(node);

/** Nodes whose derivatives are running, innermost last. */
export const running: Node[] = [];

/** Notes where a node is being made. */
export function remember(node: Node): void {
  const traces = Error as { stackTraceLimit?: number };
  const limit = traces.stackTraceLimit;
  traces.stackTraceLimit = 40; // beyond the operator's own calls
  const stack = new Error().stack?.replace(/^Error\n/, "") ?? "";
  traces.stackTraceLimit = limit;
  origins.set(node, { stack, within: running[running.length - 1] ?? null });
}
