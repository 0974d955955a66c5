import { dirname, join, relative, sep } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { pageOf, root } from "./places.js";
import { programOf } from "./programs.js";

/**
 * Leads relative links to their pages; what the site does not have loses its link and stays as text.
 * @param base the path under which the site lies, with a slash at either end
 */
export function repositoryLinks(md: MarkdownRenderer, base: string): void {
  md.core.ruler.push("repository-links", ({ tokens, env }) => {
    const file: string = env.realPath ?? env.path;
    for (const token of tokens) {
      let unlinked = false;
      for (const part of token.children ?? []) {
        const href = part.type === "link_open" ? (part.attrGet("href") ?? "") : "";
        if (part.type === "link_close" && unlinked) {
          part.type = "text";
          unlinked = false;
        }
        if (href === "" || /^(#|\/|[a-z]+:)/.test(href)) continue;
        const page = pageOf(href, file);
        const program = programOf(
          relative(root, join(dirname(file), href))
            .split(sep)
            .join("/"),
        );
        if (program) {
          part.attrSet("href", `${base}${program.path}/`);
          part.attrSet("target", "_self"); // no page of VitePress: its router keeps away
        } else if (page !== null) part.attrSet("href", page);
        else {
          part.type = "text";
          unlinked = true;
        }
      }
    }
  });
}
