// npm run version-packages: gathers the changesets into versions and changelogs.
// Changesets takes a new 0.x version of a peer for a breaking change of what stands on it and would jump to 1.0.0. Here
// all packages move together, so for its eyes the peers' ranges are wide; users get the narrow ones back.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { install, root, run } from "./workspace.mjs";

function setPeers(range) {
  for (const name of readdirSync(join(root, "packages"))) {
    const file = join(root, "packages", name, "package.json");
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
      if (/^(kindling$|@kindling\/)/.test(peer)) manifest.peerDependencies[peer] = range;
    }
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

await install();
setPeers("workspace:>=0.0.0");
const code = await run("changeset", ["version"]);
setPeers("workspace:^");
process.exit(code || (await run("pnpm", ["install", "--lockfile-only"])));
