import { defineConfig } from "tsup";
import { classNames } from "./tsup.class-names.ts";

/** JavaScript and source maps of a package; dependencies and peers stay imports. The declarations are tsup.types.config.ts's. */
export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  sourcemap: true,
  splitting: true,
  clean: ["!**/*.d.ts"], // which are made by another task
  esbuildPlugins: [classNames],
  esbuildOptions(options) {
    // `sideEffects` in the package's manifest counts for its sources too: an `import "./file.js"` that it does not list
    // would silently vanish from the bundle.
    options.logOverride = { "ignored-bare-import": "error" };
  },
});
