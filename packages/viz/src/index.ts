export { type GraphOptions, graphDot } from "./graph/dot.js";
export { graph } from "./graph/svg.js";
export type { NamedTensors } from "./graph/walk.js";
