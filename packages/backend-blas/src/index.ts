import {
  getNumThreads,
  type KernelEntry,
  type KernelProvider,
  type Primitives,
  registerKernels,
} from "@kindling/storage";
import { openBlas } from "#library";
import type { Blas, Routines } from "./blas.js";
import { matmul } from "./matmul.js";

/** What was found on this machine. */
export interface BlasInfo {
  /** Whether matrix products go to a BLAS. */
  readonly available: boolean;
  /** Its name, version and file, or why there is none. */
  readonly description: string;
}

/** Multiplications below which a call into the library costs more than it saves. */
const WORTH_CALLING = 400;

let threads = 0;

function product(blas: Blas, routines: Routines): KernelEntry<Primitives["matmul"]> {
  return {
    accepts(out, a, b) {
      const [batch, m, n] = out.shape;
      const each = m * n * a.shape[2];
      const together = a.strides[0] === 0 || b.strides[0] === 0 ? batch : 1;
      return each * together >= WORTH_CALLING;
    },
    run(out, a, b, accumulate) {
      const wanted = getNumThreads();
      if (wanted !== threads) blas.setThreads?.((threads = wanted));
      matmul(routines, out, a, b, accumulate);
    },
  };
}

function provider(found: Blas | string): KernelProvider {
  if (typeof found === "string") return { name: "blas", kernels: {}, info: found };
  const { float32, float64, description } = found;
  return {
    name: "blas",
    kernels: { matmul: { float32: product(found, float32), float64: product(found, float64) } },
    info: description,
  };
}

const found = openBlas();

/** Which BLAS computes matrix products of float32 and float64 on `cpu`, or why none does. */
export const blasInfo = (): BlasInfo => ({
  available: typeof found !== "string",
  description: typeof found === "string" ? found : found.description,
});

// above the kernels of TypeScript (the device's own) and of WebAssembly (10)
registerKernels("cpu", provider(found), { priority: 20 });
