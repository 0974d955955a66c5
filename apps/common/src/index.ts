export { choice, examples, positive, whole } from "./arguments.js";
export { alone, type Crew } from "./crew.js";
export { crewOf } from "./crew-node.js";
export { openDevice } from "./device.js";
export { Interrupted, isSystemError, reasonOf, UsageError } from "./errors.js";
export { makeFolder } from "./folder.js";
export { interruptible } from "./interrupt.js";
export { INTERRUPTED, runProgram } from "./program.js";
