export { FormatError } from "./errors.js";
export { load, loadSafetensors, type Source, save, saveSafetensors, writeFileAtomic } from "./files.js";
export { deserialize, type SafetensorsFile, type SerializeOptions, serialize, type Tensors } from "./safetensors.js";
