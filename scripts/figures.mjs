// How much a backend has to implement: the contract's required members, and the lines of the template. Prints the figures and checks
// that docs/backends.md has them; with --write it puts them there.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

const contract = readFileSync(join(root, "packages/storage/src/contract.ts"), "utf8");

/** Members of an interface as `[name, optional]`: what stands at the first level of its body. */
function membersOf(name) {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, "m").exec(contract);
  if (!body) throw new Error(`contract.ts has no interface ${name}`);
  return [...body[1].matchAll(/^ {2}(?:readonly )?(\w+)(\??)[:(]/gm)].map(([, member, mark]) => [member, mark === "?"]);
}

const named = (members, optional) => members.filter((m) => m[1] === optional).map(([member]) => member);
const primitives = named(membersOf("Primitives"), false);
const others = named(membersOf("Backend"), false);
const optional = named(membersOf("Backend"), true);
if (primitives.length === 0 || others.length === 0) throw new Error("no members found in contract.ts");

const template = "examples/backend-template/src";
const LIMIT = 400;
const files = readdirSync(join(root, template)).map((file) => readFileSync(join(root, template, file), "utf8"));
const lines = files.reduce((sum, text) => sum + text.split("\n").length - 1, 0);

const list = (members) => members.map((member) => `\`${member}\``).join(", ");
const figures = [
  `A backend has **${primitives.length + others.length} required members**: ${others.length} of memory (${list(others)}) and ${primitives.length} primitives (${list(primitives)}).`,
  `${optional.length} more are optional: ${list(optional)}.`,
  `The template in \`examples/backend-template\` is complete with **${lines} lines** in ${files.length} files.`,
].join("\n");
console.log(figures);

const page = join(root, "docs/backends.md");
const text = readFileSync(page, "utf8");
const updated = text.replace(
  /(<!-- figures: .* -->\n)[\s\S]*?(<!-- end -->)/,
  (_, begin, end) => `${begin}${figures}\n${end}`,
);
if (process.argv.includes("--write")) writeFileSync(page, updated);
else if (updated !== text || !text.includes(figures)) {
  console.error("docs/backends.md says otherwise: npm run figures -- --write");
  process.exitCode = 1;
}
if (lines > LIMIT) {
  console.error(`The template has more than ${LIMIT} lines: it is to be read in one sitting.`);
  process.exitCode = 1;
}
