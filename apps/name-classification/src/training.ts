import { alone, type Crew } from "app-common/crew";
import { UsageError } from "app-common/errors";
import { full, Generator, nn, noGrad, optim, randperm, type Tensor, tensor, zeros } from "kindling";
import type { Sample } from "./dataset.js";
import { confusionOf } from "./metrics.js";
import { batchOf, type NameClassifier } from "./model.js";
import type { Balance, Settings } from "./settings.js";

/** Where a training run stands; together with weights and optimizer state it is all that going on needs. */
export interface Position {
  /** Epochs that are done. */
  epoch: number;
  /** Training names of the running epoch that are done. */
  names: number;
  /** Where the run was interrupted: losses, summed, and names since the last point of the loss curve. */
  pending?: { loss: number; names: number };
}

/** A point of the loss curve: the mean loss of the names since the last one. */
export interface LossPoint {
  epoch: number;
  value: number;
}

export interface Trainer {
  /** The rest of the running epoch; stops behind a batch, and returns `false`, once `stop` says so. */
  finishEpoch(report: (done: number, loss: number) => Promise<void>, stop: () => boolean): Promise<boolean>;
}

/** Points of the loss curve in an epoch. */
const POINTS = 10;

/** The batched model's gradients are clipped to this norm, as in the tutorial. */
const MAX_NORM = 3;

export function createOptimizer(model: NameClassifier, { optimizer, lr }: Pick<Settings, "optimizer" | "lr">) {
  return optimizer === "adam" ? new optim.Adam(model.parameters(), { lr }) : new optim.SGD(model.parameters(), { lr });
}

/**
 * Trains `model` on `train`. The order of the names follows from the seed and the epoch alone, so that a run that was
 * interrupted goes on as if it had not been.
 */
export function createTrainer(
  model: NameClassifier,
  optimizer: optim.Optimizer,
  train: readonly Sample[],
  languages: number,
  options: Settings & { device: string },
  position: Position = { epoch: 0, names: 0 },
  losses: LossPoint[] = [],
  crew: Crew = alone,
): Trainer {
  const shared = crew.parallel(model);
  const size = options.model === "classic" ? 1 : options.batch;
  const weight = classWeights(train, languages, options.balance, options.device);
  const every = Math.max(1, Math.ceil(train.length / size / POINTS)) * size;

  /** The learning rate of the next step follows from the position alone. */
  function setRate(): void {
    const done = (position.epoch * train.length + position.names) / (options.epochs * train.length);
    for (const group of optimizer.paramGroups)
      group.lr = options.decay === "linear" ? options.lr * (1 - done) : options.lr;
  }

  /** One update of the weights; the loss is that of the batch (with several processes their mean is), still on its device. */
  function step(whole: readonly Sample[]): Tensor {
    const share = crew.share(whole);
    const batch = share.length > 0 ? share : whole.slice(0, 1); // a process without a name takes part with nothing
    const size = share.length > 0 ? whole.length / crew.size : Number.POSITIVE_INFINITY;
    const target = tensor(
      Int32Array.from(batch, (sample) => sample.language),
      { device: options.device },
    );
    const names = batchOf(
      batch.map((sample) => sample.text),
      options.device,
    );
    // PyTorch's weighted mean divides by the sum of the weights, which would cancel them out of a batch of one.
    const loss = nn.functional.nllLoss(shared.forward(names), target, { weight, reduction: "sum" }).div(size);
    optimizer.zeroGrad();
    loss.backward();
    if (options.model === "batched") nn.utils.clipGradNorm_(model.parameters(), MAX_NORM);
    setRate();
    optimizer.step();
    return loss.detach();
  }

  return {
    async finishEpoch(report, stop) {
      const order = randperm(train.length, {
        generator: orderOf(options.seed, position.epoch),
      }).toTypedArray() as Int32Array;
      let total = full([], position.pending?.loss ?? 0, { device: options.device });
      let count = position.pending?.names ?? 0;
      position.pending = undefined;
      while (position.names < train.length) {
        const batch = Array.from(order.subarray(position.names, position.names + size), (i) => train[i]);
        total = total.add(step(batch).mul(batch.length));
        count += batch.length;
        position.names += batch.length;
        if (position.names % every === 0 || position.names === train.length) {
          const [loss] = crew.mean([(await total.cpu()).item() / count]);
          if (!Number.isFinite(loss))
            throw new UsageError(
              `the loss has become ${loss}: the weights have run away; try a smaller learning rate (--lr)`,
            );
          losses.push({ epoch: position.epoch + position.names / train.length, value: loss });
          total = zeros([], { device: options.device });
          count = 0;
        }
        await report(position.epoch * train.length + position.names, losses.at(-1)?.value ?? Number.NaN);
        if (stop() && position.names < train.length) {
          position.pending = { loss: crew.mean([(await total.cpu()).item()])[0], names: count };
          return false;
        }
      }
      position.epoch++;
      position.names = 0;
      return true;
    },
  };
}

/** The generator that orders the names of an epoch. */
const orderOf = (seed: number, epoch: number): Generator =>
  new Generator().manualSeed(BigInt.asUintN(64, BigInt(seed) * 1_000_003n + BigInt(epoch)));

/** Weights that make each language's loss count the same in sum, or `null`. */
function classWeights(train: readonly Sample[], languages: number, balance: Balance, device: string): Tensor | null {
  if (balance === "none") return null;
  const counts = new Float32Array(languages);
  for (const { language } of train) counts[language]++;
  return tensor(
    counts.map((count) => train.length / (languages * Math.max(1, count))),
    { device },
  );
}

/** Log-probabilities of the languages for each name, shape (names, languages), on the `cpu`. */
export async function logProbabilities(
  model: NameClassifier,
  texts: readonly string[],
  device: string,
): Promise<Tensor> {
  model.eval();
  const scores = noGrad(() => model.forward(batchOf(texts, device)));
  model.train();
  return scores.cpu();
}

/** Counts of [true][predicted] language over the samples. */
export async function confusion(
  model: NameClassifier,
  samples: readonly Sample[],
  languages: number,
  device: string,
): Promise<number[][]> {
  const predicted: number[] = [];
  for (let i = 0; i < samples.length; i += 512) {
    const texts = samples.slice(i, i + 512).map((sample) => sample.text);
    predicted.push(...(await logProbabilities(model, texts, device)).argmax(1).tolist());
  }
  return confusionOf(
    samples.map((sample) => sample.language),
    predicted,
    languages,
  );
}
