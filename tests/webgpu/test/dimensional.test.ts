import { conformance } from "../src/conformance.js";

await conformance(/^(reduce|scan|sort|gather|scatter) /);
