import { fileURLToPath } from "node:url";
import type { UserConfig } from "vite";

/** What isolates a page from other origins; browsers give SharedArrayBuffer, and so threads, to no other. */
export const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/**
 * Vite's configuration for an application's page: Preact, workers as modules, files that may lie under any path.
 * @param here the `import.meta.url` of the page's `vite.config.ts`
 */
export const pageConfig = (here: string): UserConfig => ({
  root: fileURLToPath(new URL(".", here)),
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { outDir: "dist", target: "es2022", assetsInlineLimit: 0 },
  server: { headers: isolated },
  preview: { headers: isolated },
});
