import { createRequire } from "node:module";
import type * as Koffi from "koffi";
import type { Blas, Routines } from "./blas.js";

type Library = Koffi.LibraryHandle;

const ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate";

/** Under which names a BLAS may be installed; the best first. */
const candidates: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [ACCELERATE],
  win32: ["libopenblas.dll", "openblas.dll"],
};
const elsewhere = ["libopenblas.so.0", "libopenblas.so.3", "libopenblas.so", "libblas.so.3"];

/** The system's BLAS, or in words why there is none. */
export function openBlas(): Blas | string {
  let koffi: typeof Koffi;
  try {
    // not imported: what it needs of the platform may be missing, and a program must start without it
    koffi = createRequire(import.meta.url)("koffi");
  } catch {
    return "none: koffi, which calls system libraries, does not load on this platform";
  }
  const files = candidates[process.platform] ?? elsewhere;
  for (const file of files) {
    try {
      const blas = describe(
        file,
        withoutSpinning(() => koffi.load(file)),
      );
      keepFreedMemory(koffi);
      return blas;
    } catch {
      // not installed, or no BLAS that we know
    }
  }
  return `none: found no ${files.join(", no ")} (on Debian and Ubuntu: apt install libopenblas0)`;
}

/**
 * Loads a library whose threads may be OpenMP's. After each product they would spin for milliseconds, on cores that others wait for:
 * with a busy neighbour, training took five times as long. GNU's OpenMP reads the variable when it is loaded.
 */
function withoutSpinning<T>(load: () => T): T {
  if (process.env.OMP_WAIT_POLICY !== undefined || process.env.GOMP_SPINCOUNT !== undefined) return load();
  process.env.GOMP_SPINCOUNT = "1000"; // looks, some microseconds
  try {
    return load();
  } finally {
    delete process.env.GOMP_SPINCOUNT;
  }
}

/** @throws if the library lacks a function; the plain reference BLAS lacks OpenBLAS's own, and is slower than our kernels. */
function describe(file: string, library: Library): Blas {
  const products = { float32: routines(library, "s", "float"), float64: routines(library, "d", "double") };
  if (file === ACCELERATE) return { file, description: "Accelerate", ...products };
  const configuration: string = library.func("const char *openblas_get_config()")();
  const core: string = library.func("const char *openblas_get_corename()")();
  const setThreads = library.func("void openblas_set_num_threads(int count)");
  const [, version = ""] = /^OpenBLAS ([\d.]+)/.exec(configuration) ?? [];
  return { file, description: `OpenBLAS ${version} for ${core}, ${file}`, setThreads, ...products };
}

/** Numbers as the library takes them; typed arrays are passed as they are, without a copy. */
function routines(library: Library, prefix: "s" | "d", real: "float" | "double"): Routines {
  const matrices = `int order, int turnA, int turnB, int m, int n, int k, ${real} alpha, void *a, int lda, void *b, int ldb`;
  const vectors = `int order, int turn, int rows, int columns, ${real} alpha, void *a, int lda, void *x, int stepX`;
  return {
    gemm: library.func(`void cblas_${prefix}gemm(${matrices}, ${real} beta, void *c, int ldc)`),
    gemv: library.func(`void cblas_${prefix}gemv(${vectors}, ${real} beta, void *y, int stepY)`),
  };
}

/** Parameters of glibc's `mallopt`, and what they are set to. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const LARGEST_KEPT = 2 ** 25;
const KEPT = 2 ** 28;

/**
 * Has glibc reuse freed memory for the next results. It would hand blocks of results back to the system and take as many anew, and
 * the system's work on fresh pages takes a tenth of the time of a 1024 × 1024 product that fills them, a third of a 256 × 256 one's.
 */
function keepFreedMemory(koffi: typeof Koffi): void {
  if (process.platform !== "linux") return;
  try {
    const mallopt = koffi.load("libc.so.6").func("int mallopt(int parameter, int value)");
    mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT);
    mallopt(M_TRIM_THRESHOLD, KEPT);
  } catch {
    // another C library, with habits of its own
  }
}
