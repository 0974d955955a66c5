export { FormatError } from "./errors.js";
export { load, loadSafetensors, type Source, save, writeFileAtomic } from "./files.js";
export { deserialize, type SafetensorsFile, serialize } from "./safetensors.js";
