export { type GradcheckFunction, type GradcheckInputs, type GradcheckOptions, gradcheck } from "./gradcheck.js";
export { type GradgradcheckOptions, gradgradcheck } from "./gradgradcheck.js";
export { GradcheckError } from "./report.js";
