import { UsageError } from "app-common/errors";

/** Channels of VGG19's convolutions; a pooling layer follows each block. */
const BLOCKS = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
];

export interface Layer {
  /** "conv1_1", "relu1_1", …, "pool1", … */
  name: string;
  kind: "conv" | "relu" | "pool";
  /** Its place in torchvision's `features`. */
  index: number;
  /** Channels that come in and go out. */
  channels: [number, number];
}

/** The layers of VGG19's convolutional part, in order (Simonyan and Zisserman 2014, configuration E). */
export const LAYERS: readonly Layer[] = layersOf();

function layersOf(): Layer[] {
  const layers: Layer[] = [];
  let from = 3;
  const add = (kind: Layer["kind"], place: string, to: number): void => {
    layers.push({ name: `${kind}${place}`, kind, index: layers.length, channels: [from, to] });
    from = to;
  };
  for (const [b, block] of BLOCKS.entries()) {
    for (const [i, channels] of block.entries()) {
      add("conv", `${b + 1}_${i + 1}`, channels);
      add("relu", `${b + 1}_${i + 1}`, channels);
    }
    add("pool", `${b + 1}`, from);
  }
  return layers;
}

/**
 * The layer of a name: "conv3_1", "relu3_1", "pool3"; or "conv_5", the fifth convolution, as PyTorch's tutorial counts.
 * @throws UsageError where there is none
 */
export function layerNamed(name: string): Layer {
  const counted = /^conv_(\d+)$/.exec(name);
  const layer = counted
    ? LAYERS.filter(({ kind }) => kind === "conv")[Number(counted[1]) - 1]
    : LAYERS.find((layer) => layer.name === name);
  if (layer) return layer;
  throw new UsageError(`VGG19 has no layer ${name}: its layers are conv1_1, relu1_1, …, pool1, conv2_1, …, pool5`);
}

/** Layers whose Gram matrices are the style, and layers whose values are the content, as in PyTorch's tutorial. */
export const STYLE_LAYERS: readonly string[] = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"];
export const CONTENT_LAYERS: readonly string[] = ["conv2_2"];
