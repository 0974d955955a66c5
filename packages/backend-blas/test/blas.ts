import type { Blas } from "../src/blas.js";

/** The BLAS of this machine; `null`, for tests to skip, where there is none and `KINDLING_REQUIRE` does not name it. */
export function blasOrSkip(found: Blas | string): Blas | null {
  if (typeof found !== "string") return found;
  if (process.env.KINDLING_REQUIRE?.split(",").includes("blas")) throw new Error(`KINDLING_REQUIRE: BLAS is ${found}`);
  console.warn(`skipped: BLAS is ${found}`);
  return null;
}
