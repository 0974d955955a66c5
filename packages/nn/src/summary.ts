import { isTensor, noGrad } from "@kindling/autograd";
import { isModule, type Module, REGISTERED } from "./module.js";
import { distinct } from "./module-names.js";

/** What happened to one module while the whole ran. */
interface Seen {
  calls: number;
  shape: string;
}

/** The shape of a result: of the first tensor in it. */
function shapeOf(value: unknown): string {
  if (isTensor(value)) return `[${value.shape.join(", ")}]`;
  if (!Array.isArray(value)) return "–";
  return value.map(shapeOf).find((shape) => shape !== "–") ?? "–";
}

/** Runs `module` on the inputs, outside of the graph and in evaluation mode, and notes what each module below gives. */
function watch(module: Module, inputs: readonly unknown[]): Map<Module, Seen> {
  const seen = new Map<Module, Seen>();
  const all = module.modules();
  const modes = all.map((m) => m.training);
  const own = all.map((m) => Object.getOwnPropertyDescriptor(m, "forward"));
  for (const m of all) {
    const forward = m.forward;
    const value = (...args: unknown[]): unknown => {
      const result = forward.apply(m, args);
      seen.set(m, { calls: (seen.get(m)?.calls ?? 0) + 1, shape: shapeOf(result) });
      return result;
    };
    Object.defineProperty(m, "forward", { value, configurable: true, writable: true });
  }
  try {
    noGrad(() => module.eval().forward(...inputs));
  } finally {
    all.forEach((m, i) => {
      m.training = modes[i];
      const before = own[i];
      if (before === undefined) delete (m as Partial<Module>).forward;
      else Object.defineProperty(m, "forward", before);
    });
  }
  return seen;
}

/** The lines of the tree: name, result, parameters of each module. A module that is held twice comes once. */
function rowsOf(module: Module, seen: ReadonlyMap<Module, Seen>): string[][] {
  const listed = new Set<Module>();
  const rows: string[][] = [];
  const visit = (m: Module, name: string, head: string, rest: string): void => {
    listed.add(m);
    const children = distinct(m[REGISTERED]()).filter(
      (entry): entry is [string, Module] => isModule(entry[1]) && !listed.has(entry[1]),
    );
    const own = m.parameters(false).reduce((sum, p) => sum + p.numel(), 0);
    const { calls, shape } = seen.get(m) ?? { calls: 0, shape: "–" };
    const label = `${head}${name === "" ? "" : `${name}: `}${m.constructor.name}`;
    rows.push([label, calls > 1 ? `${shape} ×${calls}` : shape, own === 0 ? "–" : count(own)]);
    children.forEach(([child, value], i) => {
      if (listed.has(value)) return;
      const last = i === children.length - 1;
      visit(value, child, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`);
    });
  };
  visit(module, "", "", "");
  return rows;
}

const count = (n: number): string => n.toLocaleString("en-US");

/** A table of a module and all below it: results' shapes (if there are inputs to run it on), and how many numbers they learn. */
export function summarize(module: Module, inputs: readonly unknown[]): string {
  const ran = inputs.length > 0;
  const seen = ran ? watch(module, inputs) : new Map<Module, Seen>();
  const columns = ran ? [0, 1, 2] : [0, 2];
  const rows = [["module", "output", "parameters"], ...rowsOf(module, seen)].map((row) => columns.map((c) => row[c]));
  const widths = columns.map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  const last = columns.length - 1;
  const lines = rows.map((row) =>
    row.map((cell, c) => (c === last ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join("  "),
  );
  const parameters = module.parameters();
  const size = (of: typeof parameters): number => of.reduce((sum, p) => sum + p.numel(), 0);
  const total = size(parameters);
  const trained = size(parameters.filter((p) => p.requiresGrad));
  const bytes = parameters.reduce((sum, p) => sum + p.nbytes, 0);
  const rule = "─".repeat(widths.reduce((sum, w) => sum + w, 2 * last));
  const frozen = trained === total ? "" : `, ${count(trained)} of them learn`;
  const mega = bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
  return [lines[0], rule, ...lines.slice(1), rule, `${count(total)} parameters (${mega})${frozen}`].join("\n");
}
