import { defineConfig, type Options } from "tsup";
import base from "../../tsup.config.base.ts";

/** One file a module: bundlers drop those that a program does not use. */
export default defineConfig({ ...(base as Options), entry: ["src/**/*.ts"], bundle: false });
