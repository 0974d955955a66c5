import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { chromiumPath } from "app-common/chromium";
import { isolated } from "app-common/vite";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import shared from "../../vitest.shared.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether the page is isolated from other origins, and so has shared memory and threads. */
    isolated: boolean;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The packages' tests, but for those that stay in Node. */
const PACKAGES = [
  "packages/*/test/**/*.test.ts",
  "!packages/backend-blas/**", // calls a library of the system
  "!**/*-node.test.ts", // what Node has and browsers have not
  "!packages/autograd/test/two-copies.test.ts", // loads modules a second time, which pages do not
  "!packages/io/test/files.test.ts", // a file system
  "!packages/io/test/sources.test.ts", // a server of its own
  "!packages/io/test/torch-write.test.ts", // other programs read what was written
  "!packages/viz/test/pictures.test.ts", // pictures as Node writes them down, attribute for attribute
];

/** The fast kernels' tests, but for that of processes: those of kernels that use threads, and the others. */
const KERNELS = "tests/fast-cpu/test/*.test.ts";
const WHERE = "tests/browser/chromium/where.test.ts";
const THREADED = ["convolution", "matmul", "memories", "normalization", "pooling", "recurrent", "threads"].map((name) =>
  KERNELS.replace("*", name),
);
const OTHERS = [KERNELS, ...[...THREADED, KERNELS.replace("*", "exit")].map((file) => `!${file}`)];

/** The file that a browser gets under a condition, by the one that Node gets. */
const forBrowsers = (file: string): string =>
  ["-browser.ts", "-none.ts"].map((end) => file.replace("-node.ts", end)).find(existsSync) ?? file;

const aliases = (shared.resolve?.alias ?? []) as { find: string | RegExp; replacement: string }[];

/** Tests in pages of Chromium that are isolated from other origins, or are not. */
const inChromium = (name: string, isolation: boolean, files: string[]): TestProjectConfiguration =>
  defineConfig({
    plugins: shared.plugins,
    root,
    cacheDir: `tests/browser/node_modules/.vite-${name.replaceAll(" ", "-")}`,
    resolve: {
      alias: [
        ...aliases.map(({ find, replacement }) => ({
          find,
          replacement: forBrowsers(replacement),
        })),
        { find: /^node:(fs|url)$/, replacement: fileURLToPath(new URL("src/fixtures.ts", import.meta.url)) },
      ],
    },
    define: { "process.env.KINDLING_SEED": JSON.stringify(process.env.KINDLING_SEED) ?? "undefined" },
    server: { headers: isolation ? isolated : {} },
    test: {
      name,
      include: files.filter((file) => !file.startsWith("!")),
      exclude: files.filter((file) => file.startsWith("!")).map((file) => file.slice(1)),
      provide: { isolated: isolation },
      testTimeout: 60_000, // large cases on a busy machine, without Node's speed
      // One page for all files takes half the time; the kernels' tests take providers away and start threads, and so want one each.
      isolate: files.includes(WHERE),
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath: chromiumPath, chromiumSandbox: false } }),
        instances: [{ browser: "chromium" }],
      },
    },
  }) as TestProjectConfiguration;

const pages = { extends: true, test: { name: "pages" } } as const;

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    projects: chromiumPath
      ? [
          pages,
          inChromium("packages", false, PACKAGES),
          inChromium("kernels", false, [WHERE, ...OTHERS]),
          inChromium("kernels on threads", true, [WHERE, ...THREADED]),
        ]
      : [pages],
  },
});
