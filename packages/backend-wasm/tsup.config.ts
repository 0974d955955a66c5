import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";
import { kernelsForEsbuild } from "./compile.mjs";

/** The kernels are compiled and inlined; what differs between Node and browsers stays apart: package.json's `imports` choose. */
export default defineConfig({
  ...base,
  entry: ["src/index.ts", "src/workers-node.ts", "src/workers-browser.ts"],
  noExternal: ["fflate"],
  external: ["#workers", /^node:/],
  removeNodeProtocol: false, // Deno and bundlers know Node's modules by it
  esbuildPlugins: [kernelsForEsbuild],
});
