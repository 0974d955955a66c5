// npm run style -- --content a.jpg --style b.jpg --out out.png …: style transfer's command line.
import { style } from "./workspace.mjs";

process.exit(await style(process.argv.slice(2)));
