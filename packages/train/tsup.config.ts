import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";

/** What differs between Node and browsers stays apart: package.json's `imports` choose. */
export default defineConfig({
  ...base,
  entry: ["src/index.ts", "src/bar-node.ts", "src/bar-browser.ts"],
  external: ["#bar", "cli-progress"],
});
