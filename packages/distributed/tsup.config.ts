import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";

/** What differs between Node and browsers stays apart: package.json's `imports` choose. */
export default defineConfig({
  ...base,
  entry: ["src/index.ts", "src/library-node.ts", "src/library-none.ts"],
  external: ["#mpi", /^node:/],
  removeNodeProtocol: false, // Deno and bundlers know Node's modules by it
});
