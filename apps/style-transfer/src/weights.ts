import { existsSync } from "node:fs";
import { isSystemError, reasonOf, UsageError } from "app-common";
import { Generator, io, KindlingError, nn, type Tensor } from "kindling";
import type { NetworkOptions } from "./args.js";
import { cachedPath, download, VGG19 } from "./download.js";
import { LAYERS } from "./layers.js";
import { Vgg } from "./vgg.js";

/** A loss network. */
export interface Network {
  vgg: Vgg;
  /** Whether it has learnt to see; otherwise its filters are random. */
  trained: boolean;
}

/** The style's weight where none is asked for: random filters answer more strongly to a picture that is unlike the style. */
export const styleWeightOf = ({ trained }: Network, asked: number | undefined, usual: number): number =>
  asked ?? (trained ? usual : 3e3);

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
  const vgg = new Vgg(names);
  const path = options.weights ?? (await torchvisions(options.download));
  if (path === undefined) {
    drawFilters(vgg, new Generator().manualSeed(options.seed));
    say(FALLBACK);
  } else {
    vgg.loadStateDict(chosen(vgg, await read(path), path));
    say(`Weights: ${path}`);
  }
  return { vgg: vgg.to(options.device), trained: path !== undefined };
}

/** torchvision's file, if it is here or may be fetched. */
async function torchvisions(fetchIt: boolean): Promise<string | undefined> {
  if (fetchIt) return download(VGG19);
  return existsSync(cachedPath(VGG19)) ? cachedPath(VGG19) : undefined;
}

const FALLBACK = `No weights of VGG19 are given: this is the fallback, a network of random filters. It catches colours and textures, no shapes.
For better pictures: --download fetches torchvision's weights (548 MB, once), --weights FILE takes a file of them.`;

/** Random filters carry texture surprisingly well (He, Wang and Hopcroft 2016). */
function drawFilters(vgg: Vgg, generator: Generator): void {
  for (const layer of vgg.features) {
    if (!(layer instanceof nn.Conv2d)) continue;
    nn.init.kaimingNormal_(layer.weight, { nonlinearity: "relu", generator });
    nn.init.zeros_(layer.bias as Tensor);
  }
}

async function read(path: string): Promise<Record<string, unknown>> {
  try {
    return Object(await io.load<unknown>(path)); // whatever it is: nothing is found in it, then
  } catch (error) {
    if (isSystemError(error)) throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
    if (error instanceof KindlingError) throw new UsageError(`cannot use the weights: ${error.message}`);
    throw error;
  }
}

/** Of what a file holds, what the network needs: under torchvision's names, or without their `features.`. */
function chosen(vgg: Vgg, held: Record<string, unknown>, path: string): Record<string, Tensor> {
  const found: Record<string, Tensor> = {};
  for (const [name, parameter] of vgg.namedParameters()) {
    const value = (held[name] ?? held[name.replace("features.", "")]) as Tensor | undefined;
    const layer = LAYERS[Number(name.split(".")[1])].name;
    if (value?.shape === undefined)
      throw new UsageError(`${path} holds no weights of VGG19 for ${layer}: it lacks ${name}`);
    if (value.shape.join() !== parameter.shape.join()) {
      throw new UsageError(
        `${path} holds weights of another network: ${name} is (${value.shape.join(", ")}), VGG19's ${layer} has (${parameter.shape.join(", ")})`,
      );
    }
    found[name] = value;
  }
  return found;
}
