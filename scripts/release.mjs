// npm run release: builds, checks and publishes every package whose version the registry does not have yet.
// npm's provenance wants to know the repository, which the hosting workflow knows and the manifests do not.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, turbo } from "./workspace.mjs";

const { GITHUB_REPOSITORY, GITHUB_SERVER_URL } = process.env;
if (!GITHUB_REPOSITORY) {
  say("Packages are published with provenance, by the release workflow: see CONTRIBUTING.md.");
  process.exit(2);
}

const checked = await turbo(["run", "build", "types", "check", "test"]);
if (checked !== 0) process.exit(checked);

for (const name of readdirSync(join(root, "packages"))) {
  const file = join(root, "packages", name, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const url = `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`;
  manifest.repository = { type: "git", url, directory: `packages/${name}` };
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
process.exit(await run("changeset", ["publish"]));
