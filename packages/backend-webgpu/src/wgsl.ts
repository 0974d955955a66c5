import { type DType, DTypeError } from "@kindling/storage";

/* How dtypes look in WGSL, and the frame that all kernels share. */

/** Invocations of a workgroup, where a kernel has no reason for another number. */
export const WORKGROUP = 256;

/** How elements of a dtype are stored, computed with, and turned into each other. */
export interface Element {
  /** Type of an element in memory. */
  readonly stored: "f32" | "i32" | "u32" | "f16";
  /** Type that kernels compute in. */
  readonly value: "f32" | "i32" | "u32";
  /** Bytes of an element in memory. */
  readonly bytes: number;
  /** The value of what is stored. */
  load(stored: string): string;
  /** What to store of a value: integers wrap around. */
  store(value: string): string;
}

const as = (stored: Element["stored"], value: Element["value"], bytes: number): Element => ({
  stored,
  value,
  bytes,
  load: (x) => (stored === value ? x : `${value}(${x})`),
  store: (x) => (stored === value ? x : `${stored}(${x})`),
});

const elements: Partial<Record<DType, Element>> = {
  float32: as("f32", "f32", 4),
  float16: as("f16", "f32", 2),
  int32: as("i32", "i32", 4),
  uint8: { ...as("u32", "u32", 4), store: (x) => `((${x}) & 255u)` },
  bool: as("u32", "u32", 4),
};

/** @throws DTypeError for a dtype that no GPU has. */
export function elementOf(dtype: DType): Element {
  const element = elements[dtype];
  if (element === undefined) throw new DTypeError(`device 'webgpu' has no ${dtype}`, { dtype });
  return element;
}

const bits = new DataView(new ArrayBuffer(4));

/** The word of a float32 parameter. */
export function f32(x: number): number {
  bits.setFloat32(0, x);
  return bits.getUint32(0);
}

/** A number operand as a parameter of the type that kernels compute in. */
export const wordOf = (value: number | bigint, dtype: DType): number =>
  elementOf(dtype).value === "f32" ? f32(Number(value)) : Number(value) >>> 0;

/** A storage that a kernel binds, by the name that its code uses. */
export interface Binding {
  readonly name: string;
  readonly dtype: DType;
  /** Type of the elements, where it is not that of the dtype: atomics, or bits that are only moved. */
  readonly type?: string;
}

export interface Frame {
  readonly outputs: readonly Binding[];
  readonly inputs: readonly Binding[];
  /** Parameters in the order of their words: `"n"` is a u32, `"scale: f32"` what it says. They read as `P.n`. */
  readonly params: readonly string[];
  /** Functions, constants, workgroup variables. */
  readonly declarations?: string;
  /** Invocations of a workgroup (default 256). */
  readonly workgroup?: number;
  /** Whether the kernel uses subgroups; it knows their size then, `subgroup`. */
  readonly subgroups?: boolean;
  /**
   * Body of the entry point. It knows `lane` (invocation in the workgroup), `group` (number of the workgroup, folded by `grid`), and
   * `index = group · workgroup + lane`, all u32; `wid` is the workgroup's three numbers.
   */
  readonly body: string;
}

/** The text of a kernel. */
export function kernel(frame: Frame): string {
  const { outputs, inputs, params, declarations = "", workgroup = WORKGROUP, subgroups = false, body } = frame;
  const all = [...outputs, ...inputs];
  const half = all.some(({ dtype }) => dtype === "float16") ? "enable f16;\n" : "";
  const size = subgroups ? ", @builtin(subgroup_size) subgroup: u32" : "";
  const buffers = all.map(({ name, dtype, type }, i) => {
    const access = i < outputs.length ? "read_write" : "read";
    return `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${type ?? elementOf(dtype).stored}>;`;
  });
  const fields = params.map((param) => (param.includes(":") ? param : `${param}: u32`));
  return `${half}${subgroups ? "enable subgroups;\n" : ""}struct Params { ${fields.join(", ")} }
${buffers.join("\n")}
@group(0) @binding(${all.length}) var<uniform> P: Params;
${declarations}
@compute @workgroup_size(${workgroup})
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) counts: vec3u, @builtin(local_invocation_index) lane: u32${size}) {
  let group = wid.x + counts.x * wid.y;
  let index = group * ${workgroup}u + lane;
${body}
}
`;
}
