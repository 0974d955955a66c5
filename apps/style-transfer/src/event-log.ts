import { SummaryWriter } from "@kindling/viz";
import type { Tensor } from "kindling";
import type { Losses } from "./paint.js";

/** Writes the course of a painting or a training for TensorBoard. */
export class EventLog {
  #writer: SummaryWriter;

  constructor(folder: string) {
    this.#writer = new SummaryWriter(folder);
  }

  /** The losses of a step; of terms that are 0, those that do not count, none. */
  losses(step: number, losses: Losses): void {
    for (const [name, value] of Object.entries(losses)) {
      if (value > 0) this.#writer.addScalar(`loss/${name}`, value, step);
    }
  }

  learningRate(step: number, rate: number): void {
    this.#writer.addScalar("learning rate", rate, step);
  }

  /** A picture (1, 3, H, W), from 0 to 1. */
  picture(step: number, picture: Tensor): void {
    this.#writer.addImage("picture", picture.squeeze(0), step);
  }

  close(): void {
    this.#writer.close();
  }
}
