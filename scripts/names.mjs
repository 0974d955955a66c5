// npm run names -- train|evaluate|predict|inspect …: the name classifier's command line.
import { names } from "./workspace.mjs";

process.exit(await names(process.argv.slice(2)));
