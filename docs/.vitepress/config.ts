import { createRequire } from "node:module";
import { defineConfig, type UserConfig } from "vitepress";
import { inlineGraphs } from "./graphs.js";
import { repositoryLinks } from "./links.js";
import { noPages, placeOf } from "./places.js";
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

export default defineConfig({
  title: "Kindling",
  description: "A small torch for TypeScript: PyTorch's eager autograd, in Node and in browsers.",
  lang: "en",
  base: process.env.SITE_BASE ?? "/",
  srcDir: "..",
  srcExclude: noPages,
  rewrites: placeOf,
  cleanUrls: true,
  markdown: {
    config(md) {
      repositoryLinks(md);
      inlineGraphs(md);
    },
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
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
  },
});
