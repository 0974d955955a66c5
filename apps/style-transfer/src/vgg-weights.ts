import { isSystemError, reasonOf, UsageError } from "app-common/errors";
import { Generator, io, KindlingError, nn, type Tensor } from "kindling";
import { LAYERS } from "./layers.js";
import { Vgg } from "./vgg.js";

/** A loss network. */
export interface Network {
  vgg: Vgg;
  /** Whether it has learnt to see; otherwise its filters are random. */
  trained: boolean;
}

/** The network with random filters, which carry texture surprisingly well (He, Wang and Hopcroft 2016). */
export function randomVgg(names: readonly string[], seed: number): Vgg {
  const vgg = new Vgg(names);
  const generator = new Generator().manualSeed(seed);
  for (const layer of vgg.features) {
    if (!(layer instanceof nn.Conv2d)) continue;
    nn.init.kaimingNormal_(layer.weight, { nonlinearity: "relu", generator });
    nn.init.zeros_(layer.bias as Tensor);
  }
  return vgg;
}

/**
 * The network with the weights of a file: torchvision's, the same as safetensors, or its leading layers alone.
 * @param names the layers one will ask for
 * @param path what the file is called
 * @throws UsageError for a file that does not hold them
 */
export async function vggFrom(source: io.Source, path: string, names: readonly string[]): Promise<Vgg> {
  const vgg = new Vgg(names);
  vgg.loadStateDict(chosen(vgg, await read(source, path), path));
  return vgg;
}

async function read(source: io.Source, path: string): Promise<Record<string, unknown>> {
  try {
    return Object(await io.load<unknown>(source)); // whatever it is: nothing is found in it, then
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
