import { full } from "@kindling/autograd";
import { call, type Table } from "./case.js";
import { Values } from "./values.js";

const v = new Values();
const any = () => [call(v.any(2, 3)), call(v.any()), call(v.any(0))];
/** Above 0. */
const positive = () => [call(v.positive(2, 3)), call(v.positive())];
/** In (0, 1). */
const unit = () => [call(v.fraction(2, 3)), call(v.fraction())];
/** The first argument has no derivative, as in PyTorch. */
const second = () => [call(full([2, 3], 1.5, { dtype: "float64" }), v.positive(2, 3))];

export const special: Table = {
  "special.besselJ0": any(),
  "special.besselJ1": any(),
  "special.besselY0": positive(),
  "special.besselY1": positive(),
  "special.sphericalBesselJ0": any(),
  "special.i0e": any(),
  "special.i1": any(),
  "special.i1e": any(),
  "special.modifiedBesselI0": any(),
  "special.modifiedBesselI1": any(),
  "special.modifiedBesselK0": positive(),
  "special.modifiedBesselK1": positive(),
  "special.scaledModifiedBesselK0": positive(),
  "special.scaledModifiedBesselK1": positive(),
  "special.gammainc": second(),
  "special.gammaincc": second(),
  "special.zeta": second(),
  "special.xlog1py": [call(v.any(2, 3), v.positive(2, 3)), call(v.any(3), 0.5)],
  "special.entr": positive(),
  "special.erfcx": any(),
  "special.ndtr": any(),
  "special.logNdtr": any(),
  "special.ndtri": unit(),
};
