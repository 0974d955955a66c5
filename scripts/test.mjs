// npm test: installs, builds, runs every package's tests and adds them up. Arguments go to Turborepo
// (--filter=./packages/nn), those after a further -- to Vitest.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readSummary, summaryLine } from "./summary.mjs";
import { root, turbo, workspaces } from "./workspace.mjs";

for (const folder of workspaces()) rmSync(join(root, folder, ".report"), { recursive: true, force: true });
const code = await turbo(["run", "test", "--continue=dependencies-successful", ...process.argv.slice(2)]);
const summary = readSummary();
if (code !== 0 && summary.failed === 0) summary.failed = 1; // a build or a suite that never came to its tests
console.log(summaryLine(summary));
process.exit(code || (summary.failed > 0 ? 1 : 0));
