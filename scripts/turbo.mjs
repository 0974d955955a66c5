// Turborepo with the packages installed first; arguments as its own.
import { turbo } from "./workspace.mjs";

process.exit(await turbo(process.argv.slice(2)));
