import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";

export default defineConfig({
  ...base,
  entry: ["index", "png", "chromium", "crew", "errors", "optimizer-state", "vite"].map((name) => `src/${name}.ts`),
  platform: "node",
  dts: false,
});
