export { Objective } from "./objective.js";
export { type Losses, paint } from "./paint.js";
export { networkFor } from "./weights.js";
