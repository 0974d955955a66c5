import { conformance, parts } from "../src/conformance.js";

await conformance(parts.operators);
