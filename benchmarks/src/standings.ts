import type { Entry } from "./results.js";
import type { Row, Target, Variant } from "./row.js";

/** How one of our variants stands in a row. */
export interface Standing {
  readonly row: Row;
  readonly entry: Entry;
  readonly variant: Variant;
  /** In the row's unit. */
  readonly figure: number | undefined;
  readonly pytorch: Comparison;
  /** The best of the JavaScript libraries, and its name. */
  readonly peer: Comparison & { readonly name?: string };
  /** Held to a bound of its own. */
  readonly bound: Pick<Comparison, "target" | "reached">;
}

export interface Comparison {
  readonly figure?: number;
  /** How many times as good we are. */
  readonly ratio?: number;
  readonly target?: number;
  /** Whether the target is reached; `undefined` where there is none, or nothing to compare. */
  readonly reached?: boolean;
}

/** What is not one of the JavaScript libraries. */
const notPeers = new Set(["kindling", "blas", "pytorch"]);

export function standings(rows: readonly Row[], entries: readonly Entry[]): Standing[] {
  return rows.flatMap((row) =>
    entries
      .filter((entry) => entry.row === row.name)
      .flatMap((entry) =>
        (Object.entries(row.targets) as [Variant, Target][])
          .filter(([variant]) => variant === "kindling" || variant in entry.figures)
          .map(([variant, target]) => standing(row, entry, variant, target, entries)),
      ),
  );
}

function standing(row: Row, entry: Entry, variant: Variant, target: Target, all: readonly Entry[]): Standing {
  const figure = (measured: number | undefined) => (measured === undefined ? undefined : row.figure(measured));
  const mine = figure(entry.figures[variant]);
  const compare = (theirs: number | undefined, aim: number | undefined): Comparison => {
    const ratio =
      mine === undefined || theirs === undefined ? undefined : row.better === "more" ? mine / theirs : theirs / mine;
    return {
      figure: theirs,
      ratio,
      target: aim,
      reached: ratio === undefined || aim === undefined ? undefined : ratio >= aim,
    };
  };
  // a library that has no threads does on two what it does on one
  const peers = all
    .filter((other) => other.row === row.name && other.threads <= entry.threads)
    .flatMap(({ figures }) => Object.entries(figures).filter(([name]) => !notPeers.has(name)))
    .map(([name, measured]) => ({ name, figure: row.figure(measured) }))
    .sort((a, b) => (row.better === "more" ? b.figure - a.figure : a.figure - b.figure));
  const aim = typeof target.pytorch === "object" ? target.pytorch[Math.min(entry.threads, 2) - 1] : target.pytorch;
  return {
    row,
    entry,
    variant,
    figure: mine,
    pytorch: compare(figure(entry.figures.pytorch), aim),
    peer: { name: peers[0]?.name, ...compare(peers[0]?.figure, target.peers) },
    bound: {
      target: target.atMost,
      reached: mine === undefined || target.atMost === undefined ? undefined : mine <= target.atMost,
    },
  };
}

/** Whether it falls short of a target. */
export const short = ({ pytorch, peer, bound }: Standing): boolean =>
  [pytorch, peer, bound].some(({ reached }) => reached === false);
