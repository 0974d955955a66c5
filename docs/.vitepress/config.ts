import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { defineConfig, type UserConfig } from "vitepress";
import { inlineGraphs } from "./graphs.js";
import { repositoryLinks } from "./links.js";
import { noPages, placeOf } from "./places.js";
import { addPrograms, programs } from "./programs.js";
import { sidebar } from "./sidebar.js";

type Plugin = Extract<NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>[number], { name: string }>;

/** Pages outside of docs/ find no Vue above them: theirs is VitePress's. */
const vueOfPages: Plugin = {
  name: "vue-of-pages",
  enforce: "pre",
  resolveId(id, importer) {
    if (!/^vue(\/|$)/.test(id) || !importer?.endsWith(".md")) return null;
    return this.resolve(id, createRequire(import.meta.url).resolve("vitepress"), { skipSelf: true });
  },
};

/** Where on its host the site lies. */
const base = (process.env.SITE_BASE ?? "/").replace(/([^/])$/, "$1/");

/** A flame. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#e2601c" d="M17 1c1 6 9 9 9 18a10 10 0 0 1-20 0c0-5 3-7 4-11 2 1 3 3 3 5 3-3 4-7 4-12z"/><path fill="#ffc46b" d="M17 16c0 3 4 4 4 8a5 5 0 0 1-10 0c0-3 2-4 3-5 1 1 1 2 1 2 1-1 2-3 2-5z"/></svg>',
)}`;

export default defineConfig({
  title: "Kindling",
  description: "A small torch for TypeScript: PyTorch's eager autograd, in Node and in browsers.",
  lang: "en",
  base,
  head: [["link", { rel: "icon", href: icon }]],
  srcDir: "..",
  srcExclude: noPages,
  rewrites: placeOf,
  cleanUrls: false, // links name files, so that any host finds them
  markdown: {
    config(md) {
      repositoryLinks(md, base);
      inlineGraphs(md);
    },
  },
  buildEnd({ outDir }) {
    addPrograms(outDir);
    writeFileSync(join(outDir, ".nojekyll"), ""); // GitHub would leave out files that begin with _
  },
  vite: {
    plugins: [vueOfPages],
    build: { chunkSizeWarningLimit: 10_000 },
  },
  themeConfig: {
    nav: [
      { text: "Start", link: "/start/node", activeMatch: "/start/" },
      { text: "Tutorials", link: "/tutorials/name-classifier", activeMatch: "/tutorials/" },
      { text: "Questions", link: "/questions/", activeMatch: "/questions/" },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      {
        text: "Try it",
        items: programs.map(({ title, path }) => ({ text: title, link: `/${path}/`, target: "_self" })),
      },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
  },
});
