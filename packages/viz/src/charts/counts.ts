import { isTensor, ShapeError, type Tensor } from "@kindling/autograd";

/** A confusion matrix as rows. @throws ShapeError where it is not square, or does not have one row for each class */
export function countsOf(
  counts: Tensor | readonly (readonly number[])[],
  classes: readonly string[],
): readonly (readonly number[])[] {
  const rows = isTensor(counts) ? (counts.tolist() as number[][]) : counts;
  const size = classes.length;
  if (size === 0 || rows.length !== size || rows.some((row) => row.length !== size)) {
    throw new ShapeError(`expected a confusion matrix of (${size}, ${size}) for ${size} classes`, {
      shape: [rows.length, rows[0]?.length ?? 0],
    });
  }
  return rows;
}
