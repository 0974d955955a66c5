import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";

/*
 * Small programs bundled by the tools that users have, from the packages as published, and run: nothing that registers a device
 * may be dropped, nothing that only Node has may be reached for.
 */

const here = fileURLToPath(new URL("..", import.meta.url));
let folder: string;

beforeAll(() => {
  mkdirSync(join(here, "node_modules", ".bundles"), { recursive: true });
  folder = mkdtempSync(join(here, "node_modules", ".bundles", "run-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Platform = "browser" | "node";
type Bundler = (entry: string, out: string, platform: Platform) => Promise<void>;

const bundlers: Record<string, Bundler> = {
  async esbuild(entry, out, platform) {
    await esbuild({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      platform,
      splitting: true, // what a program imports later is a file of its own
      outdir: out,
      entryNames: "main",
      outExtension: { ".js": ".mjs" },
      logLevel: "error",
      tsconfigRaw: "{}", // the packages' own tsconfig.json is not published
    });
  },
  async vite(entry, out, platform) {
    await vite({
      root: here,
      configFile: false,
      logLevel: "error",
      ...(platform === "node" && { ssr: { noExternal: true as const } }),
      build: {
        outDir: out,
        ssr: platform === "node",
        minify: true, // of servers it would not
        lib: { entry, formats: ["es"], fileName: () => "main.mjs" },
        rollupOptions: { output: { entryFileNames: "main.mjs" } },
      },
    });
  },
  webpack(entry, out, platform) {
    return new Promise((resolve, reject) => {
      webpack(
        {
          mode: "production",
          entry,
          target: platform === "node" ? "node20" : "web",
          output: { path: out, filename: "main.mjs", module: true, chunkFormat: "module", publicPath: "" },
          experiments: { outputModule: true },
        },
        (error, stats) => {
          if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString("errors-only")));
          else resolve();
        },
      );
    });
  },
};

/** Texts of operators that the smaller program does not use: bundlers have to drop those. */
const unused = ["linalg_eigh_cpu", "should be one of (gels, gelsy, gelsd, gelss)"];

const programs = {
  "single-packages": "true true",
  umbrella: "true true function\nLinear Sequential ShapeError Adam",
  blas: "262144 true",
};

/** Bytes of a file and of those that it imports at once. The GPU's kernels come when a program opens the GPU. */
function atOnce(folder: string, name: string, seen = new Set<string>()): number {
  if (seen.has(name)) return 0;
  seen.add(name);
  const file = join(folder, name);
  const imported = [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(
    ([, other]) => other,
  );
  return statSync(file).size + imported.reduce((sum, other) => sum + atOnce(folder, other, seen), 0);
}

/** Most bytes of a bundle, minified. The umbrella holds the WebAssembly kernels and what drives them. */
const MOST = { "single-packages": 400_000, umbrella: 700_000, blas: 400_000 };

describe.each(Object.keys(bundlers))("%s", (bundler) => {
  for (const [program, output] of Object.entries(programs)) {
    for (const platform of ["browser", "node"] as const) {
      it(`${program} for ${platform}`, async () => {
        const out = join(folder, `${bundler}-${program}-${platform}`);
        await bundlers[bundler](join(here, "app", `${program}.mjs`), out, platform);
        expect(readdirSync(out)).toContain("main.mjs");
        expect(execFileSync(process.execPath, [join(out, "main.mjs")], { encoding: "utf8" }).trim()).toBe(output);
        expect(atOnce(out, "main.mjs")).toBeLessThan(MOST[program as keyof typeof programs]);
        const code = readFileSync(join(out, "main.mjs"), "utf8");
        if (program === "single-packages") expect(unused.filter((text) => code.includes(text))).toEqual([]);
      }, 120_000); // webpack takes its time
    }
  }
});

/** Bytes that a page downloads for tensors with all their methods, derivatives and the CPU; what is not imported falls out. */
const BUDGET = 100_000;

it(`tensors alone take at most ${BUDGET / 1000} kB, compressed`, async () => {
  const out = join(folder, "tensors");
  await bundlers.esbuild(join(here, "app", "tensors.mjs"), out, "browser");
  const main = join(out, "main.mjs");
  expect(execFileSync(process.execPath, [main], { encoding: "utf8" }).trim()).toBe("tensor([2., 4.])");
  expect(gzipSync(readFileSync(main), { level: 9 }).length).toBeLessThan(BUDGET);
}, 60_000);
