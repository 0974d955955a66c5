import { conformance } from "../src/conformance.js";

await conformance(/^(write|read|binary (add|sub|mul)) .*(float32|int32|uint8)/);
