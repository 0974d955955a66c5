import { UsageError } from "app-common/errors";
import { noGrad, optim, type Tensor } from "kindling";
import type { TransferOptions } from "./args.js";
import { type Objective, sum } from "./objective.js";

/** The weighted losses of one evaluation. */
export interface Losses {
  style: number;
  content: number;
  tv: number;
}

/** Losses in few words. */
export const noteOf = ({ style, content }: Losses): string =>
  `style ${style.toPrecision(3)} · content ${content.toPrecision(3)}`;

/** What LBFGS may remember of its path, in bytes: two pictures a step, a hundred steps at most. */
const MEMORY = 160e6;

function optimizerOf(picture: Tensor, { optimizer, lr }: Pick<TransferOptions, "optimizer" | "lr">) {
  if (optimizer === "adam") return new optim.Adam([picture], { lr });
  const historySize = Math.max(10, Math.min(100, Math.floor(MEMORY / (8 * picture.numel()))));
  // One iteration a step: the same path as with PyTorch's twenty, and we are asked after each.
  return new optim.LBFGS([picture], { lr, maxIter: 1, historySize });
}

/**
 * How far a step on a level of a pyramid may change a picture, as the mean over its values. LBFGS's first step is so small that the second knows
 * the curvature of one point alone: at its full length the loss went up a hundredfold, and with it what had been painted before.
 */
const REACH = 0.02;

/** Takes back a part of a step that went too far; LBFGS remembers the step as it is then. */
async function shorten(picture: Tensor, before: Tensor, optimizer: optim.LBFGS): Promise<void> {
  const change = noGrad(() => picture.sub(before));
  const part = REACH / (await valueOf(change.abs().mean()));
  const state = optimizer.state.get(picture);
  if (part >= 1 || state === undefined) return;
  noGrad(() => picture.copy_(before.add(change.mul(part))));
  state.t = Number(state.t) * part;
}

/** What a step has come to. */
export interface Stroke {
  /** Counts from 1. */
  step: number;
  /** Before the step. */
  losses: Losses;
  /** (1, 3, H, W), from 0 to 1. */
  picture: Tensor;
}

/**
 * Moves the pixels of a picture towards what the objective wants, one step each time it is asked; between two steps it may rest as long as one likes.
 * @param start (1, 3, H, W), from 0 to 1; stays as it is
 * @param options with `pyramid`, LBFGS's steps have a limit; without it they are PyTorch's
 * @throws UsageError where the losses run away
 */
export async function* strokes(
  start: Tensor,
  objective: Objective,
  options: Pick<TransferOptions, "optimizer" | "lr"> & Partial<Pick<TransferOptions, "pyramid">>,
): AsyncGenerator<Stroke, never, void> {
  const picture = start.clone().requiresGrad_();
  const optimizer = optimizerOf(picture, options);
  for (let step = 1; ; step++) {
    let before: Tensor | undefined;
    let losses = { style: 0, content: 0, tv: 0 };
    await optimizer.step(async () => {
      noGrad(() => picture.clamp_(0, 1));
      if (options.pyramid) before = picture.detach().clone();
      optimizer.zeroGrad();
      const terms = objective.terms(picture);
      const loss = sum(Object.values(terms).filter((term) => term !== null));
      loss.backward();
      losses = {
        style: await valueOf(terms.style),
        content: await valueOf(terms.content),
        tv: await valueOf(terms.tv),
      };
      return loss;
    });
    if (!Number.isFinite(losses.style + losses.content + losses.tv)) {
      throw new UsageError(
        `the loss is no longer a number at step ${step} (style ${losses.style}, content ${losses.content}): try a smaller style weight, a smaller learning rate or Adam`,
      );
    }
    if (before && optimizer instanceof optim.LBFGS) await shorten(picture, before, optimizer);
    yield { step, losses, picture: picture.detach().clamp(0, 1) };
  }
}

/**
 * Paints `options.steps` strokes.
 * @param report is told the losses after each step, and the picture; it stops the work by `false`
 * @returns the picture
 */
export async function paint(
  start: Tensor,
  objective: Objective,
  options: Parameters<typeof strokes>[2] & Pick<TransferOptions, "steps">,
  report: (step: number, losses: Losses, picture: Tensor) => Promise<boolean>,
): Promise<Tensor> {
  const painting = strokes(start, objective, options);
  for (;;) {
    const { step, losses, picture } = (await painting.next()).value;
    if (!(await report(step, losses, picture)) || step === options.steps) return picture;
  }
}

const valueOf = async (term: Tensor | null): Promise<number> =>
  term === null ? 0 : Number((await term.detach().cpu()).item());
