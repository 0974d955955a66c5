import {
  type Backend,
  type Device,
  type DType,
  deviceNames,
  getDevice,
  type KernelProvider,
  type Operand,
  type Primitives,
  registerBackend,
  registerKernels,
} from "@kindling/storage";

/** Adds a backend to the registry under a name that is free, with its providers stacked on it, and opens it. */
export function openedAs(name: string, backend: Backend, providers: readonly KernelProvider[] = []): Device {
  const taken = deviceNames();
  let free = name;
  for (let i = 2; taken.includes(free); i++) free = `${name} #${i}`;
  registerBackend(free, () => backend);
  for (const [priority, provider] of providers.entries()) registerKernels(free, provider, { priority });
  return getDevice(free);
}

/** The primitives as operators call them: each the fastest kernel that a provider has for the dtype and takes the call. */
export function kernelsOf({ kernels }: Device): Primitives {
  const dtypeOf = (...operands: Operand[]): DType =>
    (operands.find((o) => typeof o === "object") as Exclude<Operand, number | bigint>).storage.dtype;
  return {
    unary: (name, out, a) => kernels.unary[dtypeOf(a)](name, out, a),
    binary: (name, out, a, b) => kernels.binary[dtypeOf(out)](name, out, a, b),
    compare: (name, out, a, b) => kernels.compare[dtypeOf(a, b)](name, out, a, b),
    where: (out, condition, a, b) => kernels.where[dtypeOf(out)](out, condition, a, b),
    copy: (out, a) => kernels.copy[dtypeOf(a)](out, a),
    fill: (out, value) => kernels.fill[dtypeOf(out)](out, value),
    range: (out, start, step) => kernels.range[dtypeOf(out)](out, start, step),
    reduce: (name, out, a, dims) => kernels.reduce[dtypeOf(a)](name, out, a, dims),
    scan: (name, out, a, dim) => kernels.scan[dtypeOf(a)](name, out, a, dim),
    matmul: (out, a, b, accumulate) => kernels.matmul[dtypeOf(a)](out, a, b, accumulate),
    gather: (out, a, index, dim) => kernels.gather[dtypeOf(a)](out, a, index, dim),
    scatter: (out, index, src, dim, how) => kernels.scatter[dtypeOf(out)](out, index, src, dim, how),
    sort: (values, indices, a, dim, down) => kernels.sort[dtypeOf(a)](values, indices, a, dim, down),
  };
}
