export { type Curve, CurveChart } from "./curve-chart.js";
export { DevicePicker } from "./device-picker.js";
export { type DeviceChoice, findDevices } from "./devices.js";
export { FileDrop, saveFile } from "./files.js";
export { messageOf, Problem } from "./problem.js";
export { callback, connect, type Remote } from "./worker.js";
