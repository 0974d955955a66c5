import { manualSeed, stack, Tensor } from "@kindling/autograd";
import { operators } from "@kindling/backend-testkit";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { beforeEach, describe, expect, it } from "vitest";
import { without } from "../src/without.js";

type Case = operators.Case;
type Operator = operators.Operator;
const { asMethod, functions, isFunction, isMethod, methodOf, prototype, run, table, writes } = operators;

/** The operator writing into a copy of its first argument. */
const inCopy =
  (name: string): Operator =>
  (self, ...rest) =>
    self.clone()[name](...rest);
/** The operator writing through a view, of which the base is looked at. */
const throughView =
  (name: string): Operator =>
  (self, ...rest) => {
    const base = stack([self, self.mul(0.9)], -1);
    (base.select(-1, 1) as unknown as Record<string, Operator>)[name](...rest);
    return base;
  };

function check(op: Operator, c: Case): void {
  const [fn, args] = run(op, c);
  expect(gradcheck(fn, args, c.options)).toBe(true);
}

function checkTwice(op: Operator, c: Case): void {
  const [fn, args] = run(op, c);
  expect(gradgradcheck(fn, args, c.options ?? {})).toBe(true);
}

const takesSelf = ({ args }: Case): boolean => args[0] instanceof Tensor;

beforeEach(() => {
  manualSeed(1);
});

describe.each(Object.keys(table))("%s", (name) => {
  const forms = [...(isFunction(name) ? [functions[name]] : []), ...(isMethod(name) ? [methodOf(name)] : [])];
  it.each(table[name].map((c, i) => [i, c] as const))("case %i", (_, c) => {
    const [first, second] = forms;
    check(first, c);
    checkTwice(first, c);
    if (
      second !== undefined &&
      (takesSelf(c) || name === "where") &&
      c.args[name === "where" ? 1 : 0] instanceof Tensor
    ) {
      check(second, c);
    }
  });
});

/** The in-place form of `name`, where there is one. */
const inPlace = Object.keys(table).filter((name) => isMethod(`${name}_`));
/** Results of another shape than the first argument's cannot be written into it. */
const fits = (name: string, c: Case): boolean => {
  const [fn, args] = run(isFunction(name) ? functions[name] : asMethod(name), c);
  const out = fn(...args) as Tensor;
  return takesSelf(c) && out instanceof Tensor && String(out.shape) === String((args[0] as Tensor).shape);
};

describe.each([...inPlace.map((name) => `${name}_`), ...Object.keys(writes)])("%s", (name) => {
  const cases = writes[name] ?? table[name.slice(0, -1)].filter((c) => fits(name.slice(0, -1), c));
  it.each(cases.map((c, i) => [i, c] as const))("case %i", (_, c) => {
    check(inCopy(name), c);
    checkTwice(inCopy(name), c);
    check(throughView(name), c);
    checkTwice(throughView(name), c);
  });
});

describe("the table", () => {
  const covered = new Set([
    ...Object.keys(table),
    ...Object.keys(writes),
    ...inPlace.map((name) => `${name}_`),
    ...Object.values(without).flat(),
  ]);
  const isClass = (name: string): boolean => /^(linalg\.)?[A-Z]./.test(name);
  const exported = Object.keys(functions).filter((name) => isFunction(name) && !isClass(name));
  const methods = Object.getOwnPropertyNames(prototype);

  it("has every operator that is exported, and every method", () => {
    expect([...exported, ...methods].filter((name) => !covered.has(name))).toEqual([]);
  });

  it("has nothing that does not exist", () => {
    expect([...covered].filter((name) => !exported.includes(name) && !methods.includes(name))).toEqual([]);
  });
});
