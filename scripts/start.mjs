// npm start: installs, builds, trains the name classifier on the bundled data and shows its result.
import { names } from "./workspace.mjs";

// A run of its own that each start replaces, so that the command may be repeated.
process.exit(await names(["train", "--epochs", "15", "--out", "runs/start", "--overwrite", ...process.argv.slice(2)]));
