import { DeviceError, type DType, type Tensor } from "@kindling/autograd";
import { gradcheck } from "@kindling/gradcheck";
import { formatShape } from "@kindling/storage";
import type { Bench, Test } from "./bench.js";
import { indexOf, isClose, type Tolerance } from "./compare.js";
import type { Case } from "./operators/case.js";
import { callOf, moved, namesOther, outcome, placed } from "./operators/outcome.js";
import { table } from "./operators/table.js";

const tolerances: Partial<Record<DType, Tolerance>> = {
  float32: { rtol: 1e-4, atol: 1e-5 },
  float64: { rtol: 1e-9, atol: 1e-10 },
};

/** Operators that make a dtype of their own: a device that lacks it says so. */
const makes: Record<string, DType> = {
  bfloat16: "bfloat16",
  double: "float64",
  floatPower: "float64",
  half: "float16",
};

/** Operators that draw numbers: from a stream of the device's own where it has one. */
const drawing = ["alphaDropout", "dropout", "featureAlphaDropout", "featureDropout"];

const numbersOf = async (t: Tensor): Promise<number[]> => Array.from((await t.detach().cpu()).toTypedArray(), Number);

/** Whether the device may refuse the call: it says what to do instead. */
function refuses(error: unknown, name: string, { subject }: Bench): boolean {
  if (!(error instanceof DeviceError)) return false;
  const lacking = makes[name] !== undefined && !subject.dtypes.has(makes[name]);
  if (lacking && error.message.includes(`is not supported on device '${subject.name}'`)) return true;
  return !subject.capabilities.syncRead && error.message.includes("await x.cpu()");
}

/** Results and gradients of one call on both devices. @throws Error that names the first difference */
async function compareCase(bench: Bench, title: string, name: string, c: Case, dtype: DType): Promise<void> {
  const { subject, reference } = bench;
  let got: ReturnType<typeof outcome>;
  try {
    got = outcome(name, c, subject.name, dtype);
  } catch (error) {
    if (refuses(error, name, bench)) return;
    throw new Error(`${title}\n  threw: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const expected = outcome(name, c, reference.name, dtype);
  for (const [k, { what, value }] of expected.entries()) {
    const ours = got[k]?.value ?? null;
    const fail = (text: string): never => {
      throw new Error(`${title}\n  ${what}: ${text}`);
    };
    if (value === null || ours === null) {
      if (value !== ours) fail(`expected ${value === null ? "none" : "one"}`);
      continue;
    }
    const face = (t: Tensor): string => `${t.dtype} ${formatShape(t.shape)}`;
    if (face(ours) !== face(value)) fail(`expected ${face(value)}, got ${face(ours)}`);
    if (drawing.includes(name) && subject.hasFast("bernoulli", dtype)) continue;
    const [x, y] = [await numbersOf(ours), await numbersOf(value)];
    const tolerance = tolerances[value.dtype] ?? { rtol: 0, atol: 0 };
    const wrong = y.findIndex((e, i) => !isClose(x[i], e, tolerance));
    if (wrong >= 0) {
      fail(
        `${face(value)}, element ${formatShape(indexOf(wrong, value.shape))}: expected ${y[wrong]}, got ${x[wrong]}`,
      );
    }
  }
}

/** The arguments of a case, in words. */
const argumentsOf = ({ args }: Case): string =>
  args
    .map((a) => (a instanceof Object && "shape" in a ? formatShape((a as Tensor).shape) : JSON.stringify(a)))
    .join(", ");

/**
 * Every operator above the contract, in float32 and, where the device has it, float64: values and gradients are those of the reference. Where
 * the device can also be read at once, the derivatives are held against finite differences that it computes itself.
 */
export function* operatorTests(bench: Bench): Iterable<Test> {
  const { subject } = bench;
  const dtypes = [...subject.dtypes];
  for (const [name, cases] of Object.entries(table)) {
    const able = cases.filter((c) => !namesOther(c, dtypes));
    for (const dtype of (["float32", "float64"] as const).filter((d) => subject.dtypes.has(d))) {
      const title = `operator ${name} ${dtype}`;
      yield {
        title,
        run: async () => {
          for (const [i, c] of able.entries()) {
            if (c.float64 && dtype === "float32") continue;
            await compareCase(bench, `${title}, case ${i} (${argumentsOf(c)})`, name, c, dtype);
          }
        },
      };
    }
    if (!subject.capabilities.syncRead || !subject.dtypes.has("float64") || able.length === 0) continue;
    const title = `gradcheck ${name}`;
    yield {
      title,
      run: async () => {
        const [fn, args] = callOf(name, able[0]);
        gradcheck(
          fn,
          placed(args, (t) => moved(t, subject.name, "float64")),
          able[0].options,
        );
      },
    };
  }
}
