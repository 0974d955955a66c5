import { alone, type Crew } from "app-common/crew";
import type { Split } from "./dataset.js";
import { type Confusion, figuresOf } from "./metrics.js";
import type { Run } from "./run.js";
import { confusion, createTrainer } from "./training.js";

/** Who watches a training. The training waits for what it does. */
export interface Watcher {
  /** Behind each batch: names that are done in all, and the last loss, NaN before the first. */
  step(done: number, loss: number): Promise<void>;
  /** Behind each epoch, with the counts of the test side; and without them where the training stopped amid one. */
  rest(counts?: Confusion): Promise<void>;
  /** Whether the training shall stop behind the running batch. */
  stopped(): boolean;
}

/** Runs the epochs that a run has left, on the device where it is; `false` where it was stopped before the end. */
export async function learn(
  run: Run,
  { train, test }: Split,
  device: string,
  watcher: Watcher,
  crew: Crew = alone,
): Promise<boolean> {
  const { record, model, optimizer } = run;
  const { settings, position, losses, accuracies, languages } = record;
  const trainer = createTrainer(
    model,
    optimizer,
    train,
    languages.length,
    { ...settings, device },
    position,
    losses,
    crew,
  );
  while (position.epoch < settings.epochs) {
    let counts: Confusion | undefined;
    if (await trainer.finishEpoch(watcher.step, watcher.stopped)) {
      counts = (await confusion(model, crew.share(test), languages.length, device)).map((row) => crew.sum(row));
      accuracies.push({ epoch: position.epoch, value: figuresOf(counts).accuracy });
    }
    await watcher.rest(counts);
    if (watcher.stopped() && position.epoch < settings.epochs) return false;
  }
  return true;
}
