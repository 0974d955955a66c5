import { KindlingError } from "@kindling/autograd";

/** A file that is not what it should be. `file` and `place` say where. */
export class FormatError extends KindlingError {
  declare readonly file: string;
  declare readonly place: string;

  constructor(file: string, place: string, problem: string) {
    super(`${file}, ${place}: ${problem}`, { file, place });
  }
}
