/** A buffer of `bytes`, whose content is undefined; here it is zeros, as there is no other. */
export const bufferOf = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes);
