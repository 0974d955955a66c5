import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

/** Besides its own tests, those of the operators, with kernels for every size. */
export default mergeConfig(shared, {
  test: {
    include: ["../operators/test/**/*.test.ts", "../parity/test/**/*.test.ts", "../conformance/test/**/*.test.ts"],
    setupFiles: ["src/every-size.ts"],
    testTimeout: 120_000, // chains of 200,000 functions, while other packages' tests take the cores
  },
});
