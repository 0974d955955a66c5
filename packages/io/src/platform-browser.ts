/** The bytes that a URL (or a path, taken as one) leads to. */
export async function readFile(source: string | URL): Promise<Uint8Array> {
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** There is no file system to write to. */
export async function writeFile(target: string | URL, _bytes: Uint8Array): Promise<void> {
  throw new Error(
    `cannot write ${target}: there is no file system here. serialize() gives the bytes, for a download or a store of yours.`,
  );
}
