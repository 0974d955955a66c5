import { UsageError } from "app-common/errors";

/** No side of a picture may be shorter: the network halves it four times. */
const SHORTEST = 16;

/** A picture's file, and its size as it is looked at: orientation applied. */
export interface Sized {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

/** @throws UsageError for a picture of more than `most` pixels, and for one that is too small */
export function checkSize({ path, width, height }: Sized, most: number): void {
  if (width * height > most) {
    throw new UsageError(
      `${path} has ${width} × ${height} pixels, more than ${Math.floor(most / 1e6)} million: make it smaller first`,
    );
  }
  if (Math.min(width, height) < SHORTEST) {
    throw new UsageError(`${path} has ${width} × ${height} pixels: it takes at least ${SHORTEST} each way`);
  }
}

/**
 * Width and height of a picture whose longer side has `size` pixels.
 * @throws UsageError where the shorter one would be too short
 */
export function fitted({ path, width, height }: Sized, size: number): [width: number, height: number] {
  const scale = size / Math.max(width, height);
  const fit: [number, number] = [Math.round(width * scale), Math.round(height * scale)];
  if (Math.min(...fit) >= SHORTEST) return fit;
  throw new UsageError(
    `at size ${size} ${path} would become ${fit[0]} × ${fit[1]} pixels, and it takes ${SHORTEST} each way`,
  );
}
