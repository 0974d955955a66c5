// The totals of the last test run over all packages, from the reports that their test tasks leave (cached ones too).
// As a program: `summary.mjs [FAILED CHECK …]` prints the line, each named check counted as one failure more.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, workspaces } from "./workspace.mjs";

export function readSummary() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of workspaces()) {
    const file = join(root, folder, ".report", "vitest.json");
    if (!existsSync(file)) continue;
    const report = JSON.parse(readFileSync(file, "utf8"));
    const broken = report.testResults.filter(
      (suite) => suite.status === "failed" && suite.assertionResults.length === 0,
    );
    total.passed += report.numPassedTests;
    total.failed += report.numFailedTests + broken.length;
    total.skipped += report.numPendingTests + report.numTodoTests;
  }
  return total;
}

export const summaryLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const checks = process.argv.slice(2);
  const summary = readSummary();
  // Failed tests are in the count already; a test run that failed without one is not.
  summary.failed += checks.filter((name) => name !== "tests" || summary.failed === 0).length;
  if (checks.length > 0) console.log(`Failed: ${checks.join(", ")}`);
  console.log(summaryLine(summary));
  process.exit(summary.failed > 0 ? 1 : 0);
}
