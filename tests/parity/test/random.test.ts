import {
  bernoulli,
  type DType,
  dropout,
  empty,
  manualSeed,
  multinomial,
  ones,
  rand,
  randint,
  randn,
  randperm,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { present, recording } from "../src/shared.js";
import { difference, type Recorded } from "../src/values.js";

interface Random {
  cpu_mt19937: Record<string, Record<string, Recorded | Record<string, Recorded>>>;
}

/** The recorded calls; their names say what was drawn. */
const draws: Record<string, (dtype: DType) => Tensor> = {
  rand10: (dtype) => rand(10, { dtype }),
  rand40: (dtype) => rand(40, { dtype }),
  randn10: (dtype) => randn(10, { dtype }),
  randn16: (dtype) => randn(16, { dtype }),
  randn37: (dtype) => randn(37, { dtype }),
  "uniform_-2_3": (dtype) => empty(7, { dtype }).uniform_(-2, 3),
  normal_1_2: (dtype) => empty(7, { dtype }).normal_(1, 2),
  exponential: (dtype) => empty(7, { dtype }).exponential_(),
  "bernoulli_0.3": (dtype) => bernoulli(empty(20, { dtype }), 0.3),
  "dropout_0.5_ones20": (dtype) => dropout(ones(20, { dtype }), 0.5, true),
  randperm10: () => randperm(10),
  randint_0_100_x12: () => randint(0, 100, [12]),
  "randint_-5_5_x12": () => randint(-5, 5, [12]),
  multinomial: () => multinomial(tensor([0.1, 0.2, 0.3, 0.4]), 10, true),
  multinomial_norepl: () => multinomial(tensor([0.1, 0.2, 0.3, 0.4]), 4, false),
};

describe.runIf(present)("random numbers against PyTorch", () => {
  const streams = present ? recording<Random>("_random").cpu_mt19937 : {};
  for (const [seed, recorded] of Object.entries(streams)) {
    describe(`seed ${seed}`, () => {
      for (const [name, value] of Object.entries(recorded)) {
        const [, call, dtype] = /^(.*?)(?:_(float32|float64))?$/.exec(name) as RegExpExecArray;
        if (!(call in draws)) continue; // modules and their initialisation
        it(name, () => {
          const theirs = value as Recorded;
          manualSeed(Number(seed));
          const ours = draws[call]((dtype ?? "float32") as DType);
          expect(difference(ours, theirs, theirs.dtype === "int64" ? "int32" : theirs.dtype)).toBeNull();
        });
      }
    });
  }
});
