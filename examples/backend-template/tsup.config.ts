import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";

// two files: what a program imports, and what the worker runs
export default defineConfig({ ...base, entry: ["src/index.ts", "src/worker.ts"], platform: "node", dts: false });
