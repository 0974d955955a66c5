import type { Bench, Test } from "./bench.js";
import { dimensionalTests } from "./dimensional.js";
import { indexingTests } from "./indexing.js";
import { pointwiseTests } from "./pointwise.js";
import { transferTests } from "./transfer.js";

/** Every primitive × name × dtype × layout, against the reference kernels. */
export function* primitiveTests(bench: Bench): Iterable<Test> {
  yield* transferTests(bench);
  yield* pointwiseTests(bench);
  yield* dimensionalTests(bench);
  yield* indexingTests(bench);
}
