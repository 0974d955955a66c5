import { conformance } from "../src/conformance.js";

await conformance(/^(write|read|synchronize|unary|binary|compare|where|copy|fill|range) /);
