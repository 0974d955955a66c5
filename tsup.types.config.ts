import { defineConfig } from "tsup";

/** The rolled-up declarations of a package, in a run of their own: tests and programs run without waiting for them. */
export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  dts: {
    only: true,
    // What a user of the package has: the built declarations of the packages below, not their sources. Of a package's own
    // platform files all have one interface.
    // tsup sets baseUrl, which TypeScript 6 wants to be excused.
    compilerOptions: {
      paths: {
        "#bar": ["./src/bar-node.ts"],
        "#buffers": ["./src/buffers-node.ts"],
        "#document": ["./src/document-node.ts"],
        "#event-file": ["./src/event-file-node.ts"],
        "#gpu": ["./src/gpu-node.ts"],
        "#kernels": ["./src/kernels.d.ts"],
        "#library": ["./src/library-node.ts"],
        "#mpi": ["./src/library-node.ts"],
        "#platform": ["./src/platform-node.ts"],
        "#workers": ["./src/workers-node.ts"],
      },
      ignoreDeprecations: "6.0",
    },
  },
});
