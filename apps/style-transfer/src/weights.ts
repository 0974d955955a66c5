import { existsSync } from "node:fs";
import type { NetworkOptions } from "./args.js";
import { cachedPath, download } from "./download.js";
import { VGG19 } from "./torchvision.js";
import { type Network, randomVgg, vggFrom } from "./vgg-weights.js";

/**
 * The loss network with weights: those of a file, torchvision's where they have been downloaded, or random ones.
 * @param names the layers one will ask for
 * @param say is told which weights these are
 * @throws UsageError for a file that does not hold them
 */
export async function networkFor(
  names: readonly string[],
  options: NetworkOptions,
  say: (message: string) => void,
): Promise<Network> {
  const path = options.weights ?? (await torchvisions(options.download));
  const vgg = path === undefined ? randomVgg(names, options.seed) : await vggFrom(path, path, names);
  say(path === undefined ? FALLBACK : `Weights: ${path}`);
  return { vgg: vgg.to(options.device), trained: path !== undefined };
}

/** torchvision's file, if it is here or may be fetched. */
async function torchvisions(fetchIt: boolean): Promise<string | undefined> {
  if (fetchIt) return download(VGG19);
  return existsSync(cachedPath(VGG19)) ? cachedPath(VGG19) : undefined;
}

const FALLBACK = `No weights of VGG19 are given: this is the fallback, a network of random filters. It catches colours and textures, no shapes.
For better pictures: --download fetches torchvision's weights (548 MB, once), --weights FILE takes a file of them.`;
