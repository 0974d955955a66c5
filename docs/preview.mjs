// Shows the built site on this machine, as a host would that knows nothing of it.
import { fileURLToPath } from "node:url";
import { preview } from "vite";

const server = await preview({
  configFile: false,
  root: fileURLToPath(new URL(".vitepress", import.meta.url)),
  base: process.env.SITE_BASE ?? "/",
  appType: "mpa",
  preview: { host: "localhost", open: false },
});
server.printUrls();
