import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Options } from "tsup";
import base from "../../tsup.config.base.ts";

/** The licences of what is inside, beside it, as they ask for. */
const licences: Options["esbuildPlugins"] = [
  {
    name: "licences",
    setup(build) {
      build.onEnd(({ metafile }) => {
        const folders = Object.keys(metafile?.inputs ?? {}).map(
          (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1],
        );
        const texts = [...new Set(folders)].flatMap((folder) => (folder === undefined ? [] : [licenceOf(folder)]));
        mkdirSync("dist", { recursive: true });
        writeFileSync("dist/LICENSES.txt", [...new Set(texts)].sort().join("\n\n"));
      });
    },
  },
];

function licenceOf(folder: string): string {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
  return [`${name} ${version} (${license})`, author?.name ?? author, repository?.url ?? repository, text]
    .filter(Boolean)
    .join("\n");
}

/**
 * The drawing libraries are inside: one package to install, and Graphviz in a file that only graphs load. Without source maps,
 * which would hold those libraries' sources.
 */
export default defineConfig({
  ...base,
  entry: ["index", "document-node", "document-browser", "event-file-node", "event-file-browser"].map(
    (name) => `src/${name}.ts`,
  ),
  external: ["#document", "#event-file", /^node:/],
  noExternal: ["@observablehq/plot", "@viz-js/viz", "fast-png", "linkedom", "pbf"],
  esbuildPlugins: licences,
  sourcemap: false,
  esbuildOptions(options, context) {
    (base as Options).esbuildOptions?.(options, context);
    options.charset = "utf8"; // escaped, Graphviz would be a third longer
  },
});
