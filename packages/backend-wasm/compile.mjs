// Compiles assembly/ to WebAssembly, with and without relaxed SIMD, for bundler and tests: the module `#kernels`.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const assembly = join(here, "assembly");
const cache = join(here, "node_modules", ".cache", "kernels");

/** Of a page of 64 KiB; what src/memory.ts makes is never larger. */
const MAXIMUM_PAGES = 16384;

/** What the kernels are made of. */
const sources = () =>
  readdirSync(assembly, { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => join(assembly, file));

/** The binaries: for the workspace that threads share, and for blocks in a memory of one thread. */
const ENTRIES = { workspace: "index.ts", blocks: "blocks/index.ts" };

async function compile(entry, relaxed) {
  const { default: asc } = await import("assemblyscript/asc");
  let binary;
  const { error, stderr } = await asc.main(
    [
      entry,
      ...["--outFile", "kernels.wasm", "--runtime", "stub", "--use", "abort=", "--importMemory", "--noExportMemory"],
      ...["--initialMemory", "1", "--maximumMemory", String(MAXIMUM_PAGES), "--memoryBase", "1024"],
      ...["-O3", "--noAssert", "--uncheckedBehavior", "always", "--enable", "simd"],
      ...(relaxed ? ["--enable", "relaxed-simd"] : []),
    ],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(base === "." ? assembly : base, name), "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (_, content) => {
        binary = content;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`the kernels do not compile:\n${stderr.toString()}`);
  return deflateRawSync(binary, { level: 9 }).toString("base64");
}

/** The source of the module `#kernels`: of each entry the two binaries, deflated, in base64. Kept until the sources change. */
export async function kernelModule() {
  const hash = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  hash.update(createRequire(import.meta.url)("assemblyscript/package.json").version);
  for (const file of sources()) hash.update(relative(assembly, file)).update(readFileSync(file));
  const kept = join(cache, `${hash.digest("hex")}.js`);
  try {
    return readFileSync(kept, "utf8");
  } catch {
    // not compiled yet
  }
  let source = "";
  for (const [name, entry] of Object.entries(ENTRIES)) {
    source += `export const ${name} = { plain: "${await compile(entry, false)}", relaxed: "${await compile(entry, true)}" };\n`;
  }
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, source);
  renameSync(`${kept}.${process.pid}`, kept);
  return source;
}

const NAME = "#kernels";
const VIRTUAL = "\0kernels";

/** For Vite and Vitest. */
export const kernelsForVite = () => ({
  name: "kernels",
  enforce: "pre",
  resolveId: (id) => (id === NAME ? VIRTUAL : undefined),
  load: (id) => (id === VIRTUAL ? kernelModule() : undefined),
});

/** For esbuild, which tsup runs. */
export const kernelsForEsbuild = {
  name: "kernels",
  setup(build) {
    build.onResolve({ filter: /^#kernels$/ }, () => ({ path: NAME, namespace: "kernels", sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: "kernels" }, async () => ({ contents: await kernelModule() }));
  },
};
