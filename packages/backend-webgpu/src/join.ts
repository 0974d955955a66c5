import { type Plan, THREADS } from "./plan.js";

/* How the lanes that share an output make one value of theirs: the one place where kernels use subgroups. */

/** The largest subgroup that WGSL allows. */
const LARGEST = 128;

/** Values of a thread that lanes make one of: names of WGSL variables, with their types. */
export type Values = Readonly<Record<string, string>>;

const registers = (values: Values): string[] => Object.keys(values);

/** Declares the workgroup memory that `join` of these values needs. */
export const joinMemory = (values: Values): string =>
  Object.entries(values)
    .map(([name, type]) => `var<workgroup> all_${name}: array<${type}, ${THREADS}>;`)
    .join("\n");

/**
 * WGSL that makes one of the values of all lanes of an output, in the variables of the lane that is `first`, or of `every` lane. `meet`
 * combines a variable `x` with `other_x`, by something symmetric. With `subgroups`, lanes of one subgroup exchange their values directly:
 * kernels know its size as `subgroup`, which differs between devices and kernels, and may be smaller or larger than what lanes there are.
 * Whatever lies further apart goes through workgroup memory.
 */
export function join(
  { along, lanes }: Pick<Plan, "along" | "lanes">,
  values: Values,
  meet: string,
  subgroups: boolean,
  every = false,
): string {
  if (lanes === 1) return "";
  // the lanes of an output lie side by side, or as far apart as there are outputs
  const apart = along ? 1 : THREADS / lanes;
  const whole = lanes * apart;
  const names = registers(values);
  const exchange = (step: number): string => `
  if (subgroup > ${step}u) {
    ${names.map((name) => `let other_${name} = subgroupShuffleXor(${name}, ${step}u);`).join(" ")}
    ${meet}
  }`;
  const write = names.map((name) => `all_${name}[lane] = ${name};`).join(" ");
  const through = (least: string): string => `
  ${write}
  for (var step = ${whole / 2}u; step >= ${least}; step /= 2u) {
    workgroupBarrier();
    if (first * ${apart}u < step) {
      ${names.map((name) => `let other_${name} = all_${name}[lane + step];`).join(" ")}
      ${meet}
      ${write}
    }
  }
  ${every ? `workgroupBarrier(); ${names.map((name) => `${name} = all_${name}[lane - first * ${apart}u];`).join(" ")} workgroupBarrier();` : ""}`;
  if (!subgroups) return through(`${apart}u`);
  const steps: number[] = [];
  for (let step = apart; step < Math.min(whole, LARGEST); step *= 2) steps.push(step);
  return `${steps.map(exchange).join("")}
  if (subgroup < ${whole}u) {${through(`max(${apart}u, subgroup)`)}
  }`;
}
