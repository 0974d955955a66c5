// Lines of every source file, by package, and the files that have grown past one screenful of ideas (400 lines).
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, workspaces } from "./workspace.mjs";

const LIMIT = 400;
const skip = new Set(["node_modules", "dist", "fixtures"]);

function* sources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !skip.has(entry.name) && !entry.name.startsWith(".")) yield* sources(path);
    else if (/\.(ts|mjs|wgsl)$/.test(entry.name)) yield path;
  }
}

const row = (count, text) => console.log(`${String(count).padStart(7)}  ${text}`);
const long = [];
let total = 0;
for (const folder of [...workspaces(), "scripts"]) {
  const files = [...sources(folder)].map((path) => [
    readFileSync(join(root, path), "utf8").split("\n").length - 1,
    path,
  ]);
  const sum = files.reduce((n, [lines]) => n + lines, 0);
  total += sum;
  long.push(...files.filter(([lines]) => lines > LIMIT));
  row(sum, folder);
  if (process.argv.includes("--files"))
    for (const [lines, path] of files.sort((a, b) => b[0] - a[0])) row(lines, `  ${path}`);
}
row(total, "in all");
if (long.length > 0) {
  console.log(`\nFiles over ${LIMIT} lines:`);
  for (const [lines, path] of long.sort((a, b) => b[0] - a[0])) row(lines, path);
}
