import type { MarkdownRenderer } from "vitepress";
import { pageOf } from "./places.js";

/** Leads relative links to their pages; what the site does not have loses its link and stays as text. */
export function repositoryLinks(md: MarkdownRenderer): void {
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
        if (page !== null) part.attrSet("href", page);
        else {
          part.type = "text";
          unlinked = true;
        }
      }
    }
  });
}
