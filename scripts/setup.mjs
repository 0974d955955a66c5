// Installs the workspace's packages where node_modules is missing or older than the lockfile.
import { install } from "./workspace.mjs";

await install();
