// npm start: installs, builds, trains the name classifier on the bundled data and shows its result.
import { names } from "./workspace.mjs";

process.exit(await names(["train", ...process.argv.slice(2)]));
