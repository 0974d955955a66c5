// A process that a launcher says it has started with another: "without" MPI's library, or with that of another launcher.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

if (process.argv[2] === "without") {
  const koffi = createRequire(fileURLToPath(import.meta.resolve("@kindling/distributed")))("koffi");
  koffi.load = (file) => {
    throw new Error(`${file}: cannot open shared object file`);
  };
}
const { initProcessGroup } = await import("@kindling/distributed");
try {
  initProcessGroup();
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
