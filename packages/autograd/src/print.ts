import { ArgumentError, type DType, isFloat, type Shape, type View } from "@kindling/storage";
import { fresh, windowOn } from "./dispatch.js";
import { element, hostValues } from "./read.js";
import type { Tensor } from "./tensor.js";

/** How tensors are printed. */
export interface PrintOptions {
  /** Digits behind the point (default 4). */
  precision?: number;
  /** Above this number of elements only the edges are shown (default 1000). */
  threshold?: number;
  /** How many elements of each end of a dimension are shown then (default 3). */
  edgeitems?: number;
  /** Characters of a line (default 80). */
  linewidth?: number;
  /** Scientific notation always (`true`), never (`false`), or where the values ask for it (`null`, the default). */
  sciMode?: boolean | null;
}

const options: Required<PrintOptions> = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };

/** Changes how tensors are printed; what is absent stays as it is, but for `sciMode`, which goes back to `null`. */
export function setPrintoptions(changes: PrintOptions): void {
  for (const [key, value] of Object.entries(changes)) {
    if (!Object.hasOwn(options, key)) {
      throw new ArgumentError(`setPrintoptions() got an unexpected keyword argument '${key}'`, { argument: key });
    }
    const number = typeof value === "number" && value >= (key === "precision" || key === "threshold" ? 0 : 1);
    if (key !== "sciMode" && !(value === undefined || number)) {
      throw new ArgumentError(`setPrintoptions(): ${key} cannot be ${String(value)}`, { argument: key });
    }
  }
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  Object.assign(options, { sciMode: null }, given);
}

type Printed = number | bigint | boolean;

/**
 * JavaScript rounds a tie up, C and Python take the even digit. `exact` is the number of `rounded` in 100 digits, enough to
 * see whether it lies exactly between two numbers of so many `digits`.
 */
function halfToEven(rounded: string, exact: string, digits: number): string {
  const [mantissa, exponent] = exact.split("e");
  const cut = mantissa.indexOf(".") + (digits === 0 ? 0 : 1 + digits);
  const tie = /^\.?50*$/.test(mantissa.slice(cut)) && Number(mantissa[cut - 1]) % 2 === 0;
  return tie ? mantissa.slice(0, cut) + (exponent === undefined ? "" : `e${exponent}`) : rounded;
}

const signed = (x: number, text: string): string => (Object.is(x, -0) ? `-${text}` : text);

function fixed(x: number, digits: number): string {
  if (Math.abs(x) >= 1e21) return BigInt(x).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
  return signed(x, halfToEven(x.toFixed(digits), x.toFixed(100), digits));
}

function scientific(x: number, digits: number): string {
  const text = halfToEven(x.toExponential(digits), x.toExponential(100), digits);
  return signed(x, text.replace(/e([+-])(\d)$/, "e$10$2"));
}

/** Turns elements into texts of one width, in the notation that suits all of them. */
class Formatter {
  readonly #floating: boolean;
  readonly #whole: boolean;
  readonly #scientific: boolean;
  readonly width: number;

  constructor(values: readonly Printed[], dtype: DType) {
    this.#floating = isFloat(dtype);
    const measured = this.#floating ? (values as number[]).filter((v) => v !== 0 && Number.isFinite(v)) : values;
    this.#whole = measured.every((v) => typeof v !== "number" || Number.isInteger(v));
    const magnitudes = this.#floating ? (measured as number[]).map(Math.abs) : [];
    const largest = magnitudes.reduce((a, b) => Math.max(a, b), 0);
    const smallest = magnitudes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const wide = largest / smallest > 1000 || largest > 1e8 || (!this.#whole && smallest < 1e-4);
    this.#scientific = wide;
    this.width = measured.reduce<number>((w, v) => Math.max(w, this.#text(v).length), 1);
    // as in PyTorch, a forced notation does not change the width
    if (this.#floating && options.sciMode !== null) this.#scientific = options.sciMode;
  }

  #text(value: Printed): string {
    if (!this.#floating) return String(value);
    const x = value as number;
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
    if (this.#scientific) return scientific(x, options.precision);
    return this.#whole ? `${fixed(x, 0)}.` : fixed(x, options.precision);
  }

  format(value: Printed): string {
    return this.#text(value).padStart(this.width);
  }
}

/** Sizes of what is shown of a tensor. */
const shownShape = (shape: Shape, summarize: boolean): Shape =>
  summarize ? shape.map((n) => Math.min(n, 2 * options.edgeitems)) : shape;

/** What is shown of `t`, gathered on its device: along each dimension that is too long its first and its last elements. */
function edges(t: Tensor, shape: Shape): Tensor {
  const out = fresh(t.storage.device, t.dtype, shape, "print");
  const copyFrom = (dim: number, from: View, to: View): void => {
    if (dim === t.ndim) {
      t.storage.device.kernels.copy[t.dtype](to, from);
      return;
    }
    const n = from.shape[dim];
    if (n === shape[dim]) {
      copyFrom(dim + 1, from, to);
      return;
    }
    const half = options.edgeitems;
    const part = (v: View, start: number): View =>
      windowOn(
        v,
        v.shape.map((size, d) => (d === dim ? half : size)),
        v.strides,
        v.offset + start * v.strides[dim],
      );
    copyFrom(dim + 1, part(from, 0), part(to, 0));
    copyFrom(dim + 1, part(from, n - half), part(to, half));
  };
  copyFrom(0, t, out);
  return out;
}

/** The elements in brackets. `indent` is the column at which they start. */
function content(t: Tensor, indent: number): string {
  const summarize = t.numel() > options.threshold;
  const shape = shownShape(t.shape, summarize);
  const host = hostValues(summarize ? edges(t, shape) : t, "print");
  const values = Array.from(host as ArrayLike<number | bigint>, (v) => element(v, t.dtype));
  const formatter = new Formatter(values, t.dtype);
  if (t.ndim === 0) return formatter.format(values[0]);
  let next = 0;
  const level = (dim: number, column: number): string => {
    const cut = shape[dim] < t.shape[dim];
    const last = dim === t.ndim - 1;
    const parts = Array.from({ length: shape[dim] }, () =>
      last ? formatter.format(values[next++]) : level(dim + 1, column + 1),
    );
    if (cut) parts.splice(options.edgeitems, 0, last ? " ..." : "...");
    const lineBreak = `,${"\n".repeat(last ? 1 : t.ndim - 1 - dim)}${" ".repeat(column + 1)}`;
    if (!last) return `[${parts.join(lineBreak)}]`;
    const perLine = Math.max(1, Math.floor((options.linewidth - column) / (formatter.width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
    return `[${lines.join(lineBreak)}]`;
  };
  return level(0, indent);
}

/** What follows the elements: what is not the default. */
function suffixes(t: Tensor): string[] {
  const out: string[] = [];
  const empty = t.numel() === 0;
  if (t.device !== "cpu") out.push(`device='${t.device}'`);
  if (empty && t.ndim !== 1) out.push(`size=(${t.shape.join(", ")})`);
  // no element shows the dtype of an empty tensor
  if (t.dtype !== "float32" && (empty || (t.dtype !== "int32" && t.dtype !== "bool"))) out.push(`dtype=${t.dtype}`);
  return [...out, ...graphSuffix(t)];
}

function graphSuffix(t: Tensor): string[] {
  const node = t.gradFn;
  if (node !== null) return [`gradFn=<${node.name}>`];
  return t.requiresGrad ? ["requiresGrad=true"] : [];
}

/**
 * The tensor as PyTorch prints it: four digits, the edges alone of more than 1000 elements, then what is not the default of
 * dtype, device and graph. On a device that cannot be read synchronously `<not read>` stands for the elements.
 */
export function print(self: Tensor): string {
  const prefix = "tensor(";
  if (!self.storage.device.backend.readSync) {
    const facts = [`shape=[${self.shape.join(", ")}]`, `dtype=${self.dtype}`, `device='${self.device}'`];
    return `${prefix}${["<not read>", ...facts, ...graphSuffix(self)].join(", ")})`;
  }
  let out = prefix + (self.numel() === 0 ? "[]" : content(self, prefix.length));
  let column = out.length - out.lastIndexOf("\n") + 1;
  for (const suffix of suffixes(self)) {
    if (column + suffix.length + 2 > options.linewidth) {
      out += `,\n${" ".repeat(prefix.length)}${suffix}`;
      column = prefix.length + suffix.length;
    } else {
      out += `, ${suffix}`;
      column += suffix.length + 2;
    }
  }
  return `${out})`;
}
