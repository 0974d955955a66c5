export { FormatError } from "./errors.js";
export {
  load,
  loadNpy,
  loadNpz,
  loadSafetensors,
  openSafetensors,
  save,
  saveSafetensors,
  writeFileAtomic,
} from "./files.js";
export { serializeNpy } from "./numpy/npy.js";
export { serializeNpz } from "./numpy/npz.js";
export {
  deserialize,
  type SafetensorsEntry,
  type SafetensorsFile,
  type SafetensorsReader,
} from "./safetensors/read.js";
export { type SerializeOptions, serialize, type Tensors } from "./safetensors/write.js";
export type { Source } from "./source/open.js";
export { serializeTorch } from "./torch/write.js";
