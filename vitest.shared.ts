import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { kernelsForVite } from "./packages/backend-wasm/compile.mjs";

const packages = fileURLToPath(new URL("./packages", import.meta.url));
const apps = fileURLToPath(new URL("./apps", import.meta.url));

/** Tests see the packages' sources, not what was built from them. */
export default defineConfig({
  plugins: [kernelsForVite()],
  resolve: {
    alias: [
      { find: /^kindling$/, replacement: `${packages}/kindling/src/index.ts` },
      { find: "#bar", replacement: `${packages}/train/src/bar-node.ts` },
      { find: "#buffers", replacement: `${packages}/backend-cpu/src/buffers-node.ts` },
      { find: "#document", replacement: `${packages}/viz/src/document-node.ts` },
      { find: "#event-file", replacement: `${packages}/viz/src/event-file-node.ts` },
      { find: "#gpu", replacement: `${packages}/backend-webgpu/src/gpu-node.ts` },
      { find: /^app-common$/, replacement: `${apps}/common/src/index.ts` },
      { find: /^app-common\/([a-z-]+)$/, replacement: `${apps}/common/src/$1.ts` },
      { find: /^style-transfer$/, replacement: `${apps}/style-transfer/src/index.ts` },
      { find: "#library", replacement: `${packages}/backend-blas/src/library-node.ts` },
      { find: "#mpi", replacement: `${packages}/distributed/src/library-node.ts` },
      { find: "#platform", replacement: `${packages}/io/src/platform-node.ts` },
      { find: "#workers", replacement: `${packages}/backend-wasm/src/workers-node.ts` },
      { find: /^@kindling\/([a-z-]+)$/, replacement: `${packages}/$1/src/index.ts` },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    // As a task of the whole workspace a run also leaves its totals for scripts/summary.mjs.
    reporters: process.env.TURBO_HASH ? ["default", ["json", { outputFile: ".report/vitest.json" }]] : ["default"],
  },
});
