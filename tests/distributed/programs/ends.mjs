// Ranks that do not come to a good end: the first argument says how rank 1 ends, while the others wait for it.

import { ones } from "@kindling/autograd";
import { allReduce, barrier, destroyProcessGroup, getRank, initProcessGroup } from "@kindling/distributed";

const [how] = process.argv.slice(2);
initProcessGroup();
barrier();
if (getRank() === 1) {
  if (how === "throws") throw new TypeError("the data of rank 1 is broken");
  if (how === "rejects") await Promise.reject(new RangeError("rank 1 lost its promise"));
  if (how === "exits") process.exit(3);
  if (how === "killed") process.kill(process.pid, "SIGKILL");
  if (how === "hangs") await new Promise(() => {}); // Node ends by itself, with code 13
  if (how === "leftover") allReduce(ones(3), { asyncOp: true });
}
if (how === "destroyed") {
  destroyProcessGroup();
  process.exitCode = 5;
} else if (how !== "leftover" && how !== "well") {
  allReduce(ones(100_000));
  console.log("came through");
}
