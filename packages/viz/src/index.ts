export { confusionChart } from "./charts/confusion.js";
export { type Axes, curveChart, type Points } from "./charts/curves.js";
export { type GraphOptions, graphDot } from "./graph/dot.js";
export { graph } from "./graph/svg.js";
export type { NamedTensors } from "./graph/walk.js";
export { type ImageGridOptions, imageGrid } from "./image-grid.js";
export { type ImageFormat, SummaryWriter } from "./tensorboard/summary-writer.js";
export { terminalConfusion } from "./terminal/confusion.js";
export { terminalCurve } from "./terminal/curve.js";
