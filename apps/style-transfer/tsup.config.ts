import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";

export default defineConfig({ ...base, entry: ["src/cli.ts", "src/index.ts"], platform: "node", dts: false });
