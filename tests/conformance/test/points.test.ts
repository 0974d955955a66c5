import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { describe, it } from "vitest";
import { repeatedUse } from "../src/points/01-repeated-use.js";
import { dynamicGraphs } from "../src/points/02-dynamic-graphs.js";
import { graphLifetime } from "../src/points/03-graph-lifetime.js";
import { manyGradients } from "../src/points/04-many-gradients.js";
import { scalarsAndModes } from "../src/points/05-scalars-and-modes.js";
import { customFunctionRules } from "../src/points/06-custom-function-rules.js";
import { customFunctions } from "../src/points/06-custom-functions.js";
import { hooks } from "../src/points/07-hooks.js";
import { moduleHooks } from "../src/points/07-module-hooks.js";
import { inPlaceAndViews } from "../src/points/08-in-place-and-views.js";
import { depth } from "../src/points/09-depth.js";
import { optimizingAnInput } from "../src/points/11-optimizing-an-input.js";
import { Place, type Point } from "../src/points/place.js";

registerOpaqueBackend();

const points: Record<string, Point> = {
  "1. repeated use": repeatedUse,
  "2. dynamic graphs": dynamicGraphs,
  "3. graph lifetime": graphLifetime,
  "4. many gradients in one pass": manyGradients,
  "5. scalars only, and modes": scalarsAndModes,
  "6. custom functions": { ...customFunctions, ...customFunctionRules },
  "7. hooks": { ...hooks, ...moduleHooks },
  "8. in-place and views": inPlaceAndViews,
  "9. depth": depth,
  "11. optimizing an input": optimizingAnInput,
};

/** The opaque backend is read by `await x.cpu()` alone; nothing is left out there. */
const places = [new Place("cpu", "float64"), new Place("cpu", "float32"), new Place("opaque", "float32")];

describe.each(places)("$device $dtype", (place) => {
  describe.each(Object.entries(points))("%s", (_, point) => {
    for (const [name, body] of Object.entries(point)) it(name, () => body(place));
  });
});
