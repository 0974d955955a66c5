import { KindlingError } from "@kindling/autograd";

/**
 * The bytes behind a URL.
 * @throws KindlingError for an answer that is no success, with its `status`
 */
export async function fetched(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new KindlingError(`${url}: ${response.status} ${response.statusText}`.trimEnd(), { status: response.status });
  }
  return new Uint8Array(await response.arrayBuffer());
}
