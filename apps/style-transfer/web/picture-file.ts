import { checkSize } from "../src/fit.js";

/** Pixels of a picture at most: decoded it takes four bytes each, and phones have no more. */
const MOST = 64e6;

export const unreadable = (name: string): string => `${name} is no picture that this browser can read`;

/**
 * Looks at the head of a picture's file, before anybody decodes it.
 * @throws Error for what is no picture, UsageError for one that is too large or too small
 */
export async function checkPicture(file: Blob, path: string): Promise<void> {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    await new Promise<void>((resolve, reject) => {
      image.onload = () => resolve();
      image.onerror = () => reject(new Error(unreadable(path)));
      image.src = url;
    });
    checkSize({ path, width: image.naturalWidth, height: image.naturalHeight }, MOST);
  } finally {
    URL.revokeObjectURL(url);
  }
}
