import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { MarkdownRenderer } from "vitepress";

/** Puts pictures of graphs and curves into the page itself: there they take on its colours, and follow its switch from light to dark. */
export function inlineGraphs(md: MarkdownRenderer): void {
  const image = md.renderer.rules.image;
  md.renderer.rules.image = (tokens, i, options, env, self) => {
    const src = tokens[i].attrGet("src") ?? "";
    if (!src.endsWith(".svg") || !src.includes("/graphs/")) return image?.(tokens, i, options, env, self) ?? "";
    const label = md.utils.escapeHtml(tokens[i].content);
    const svg = readFileSync(resolve(dirname(env.realPath ?? env.path), src), "utf8").replace(
      / role="img" aria-label="[^"]*"/,
      "",
    );
    const html = md.utils.escapeHtml(JSON.stringify(svg));
    return `<span class="graph" role="img" aria-label="${label}" v-html="${html}"></span>`;
  };
}
