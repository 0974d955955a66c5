import { defineConfig } from "tsup";
import base from "../../tsup.config.base.ts";

/** What differs between Node and browsers stays apart: package.json's `imports` choose. */
export default defineConfig([
  {
    ...base,
    entry: ["src/index.ts", "src/bar-browser.ts"],
    external: ["#bar"],
    clean: ["index.*", "bar-browser.*", "!**/*.d.ts"],
  },
  {
    ...base,
    entry: ["src/bar-node.ts"],
    noExternal: ["cli-progress"],
    platform: "node",
    clean: ["bar-node.*"],
    // the bundled library is CommonJS, and asks for Node's modules by `require`
    banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
  },
]);
