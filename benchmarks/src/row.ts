/** What stands for our side in a row: `kindling` as it is imported, and with kernel providers stacked on it. */
export type Variant = "kindling" | "blas";

/** How many times as fast (or as good) as others we are to be: on one thread and on two where they differ. Or a bound of the figure itself. */
export interface Target {
  readonly pytorch?: number | readonly [one: number, two: number];
  readonly peers?: number;
  readonly atMost?: number;
}

/** Work that is measured: `call` is repeated, and timed alone where `before` has to run ahead of every call; or it measures itself. */
export type Work = { call(): unknown; before?(): void } | { measure(): number };

/** One line of the table. Every contestant knows it by its name, and measures the same work. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** The figure in `unit` of what was measured: seconds a call, or what the work measured itself. */
  figure(measured: number): number;
  readonly better: "more" | "less";
  /** Our variants that take part, each with what it is held to. */
  readonly targets: Readonly<Partial<Record<Variant, Target>>>;
  prepare(): Work;
}

/** Rows that are measured in one process. */
export interface Group {
  readonly name: string;
  readonly rows: readonly Row[];
  /** Every row in a process of its own, and in one round: for what the process has in memory. */
  readonly isolated?: boolean;
}

const scaled = (unit: string, factor: number) => ({ unit, figure: (s: number) => s * factor, better: "less" as const });

/** Figures that are times: microseconds, milliseconds a call; nanoseconds an element. */
export const microseconds = (perCall = 1) => scaled("µs", 1e6 / perCall);
export const milliseconds = scaled("ms", 1e3);
export const perElement = (elements: number) => scaled("ns/element", 1e9 / elements);

/** Figures that are rates: so many of something a call. */
export const rate = (unit: string, perCall: number) => ({
  unit,
  figure: (s: number) => perCall / s,
  better: "more" as const,
});
