import { defineConfig } from "tsup";
import base from "../tsup.config.base.ts";

export default defineConfig({
  ...base,
  entry: [
    "src/index.ts",
    "src/worker.ts",
    "src/gpu/index.ts",
    "src/gpu/readme.ts",
    "src/gpu/steps.ts",
    "src/gpu/host.ts",
  ],
  platform: "node",
});
