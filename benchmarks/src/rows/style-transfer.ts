import { nn, noGrad, rand, type Tensor, tensor } from "kindling";
import { type Group, milliseconds, type Row, type Work } from "../row.js";

/*
 * Style transfer by PyTorch's tutorial, with random weights: one evaluation of loss and gradient of the image. Its network ends at
 * VGG19's conv3_1; the larger one, as in the paper, at conv5_1.
 */

interface Network {
  readonly style: readonly string[];
  readonly content: string;
  readonly last: string;
}

const tutorial: Network = {
  style: ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"],
  content: "conv2_2",
  last: "conv3_1",
};

const vgg19: Network = {
  style: ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"],
  content: "conv4_2",
  last: "conv5_1",
};

/** Channels of the convolutions of VGG19's blocks; the blocks are divided by pooling. */
const blocks = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
];

function gram(x: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  const features = x.view(n * c, h * w);
  return features.matmul(features.t()).div(n * c * h * w);
}

class Normalization extends nn.Module {
  mean = new nn.Buffer(tensor([0.485, 0.456, 0.406]).view(-1, 1, 1));
  std = new nn.Buffer(tensor([0.229, 0.224, 0.225]).view(-1, 1, 1));

  forward(x: Tensor): Tensor {
    return x.sub(this.mean).div(this.std);
  }
}

/** Lets its input through, and remembers how far `of` it lies from the target. */
class Loss extends nn.Module {
  loss!: Tensor;
  readonly #of: (x: Tensor) => Tensor;
  readonly #target: Tensor;

  constructor(of: (x: Tensor) => Tensor, target: Tensor) {
    super();
    this.#of = of;
    this.#target = of(target).detach();
  }

  forward(x: Tensor): Tensor {
    this.loss = nn.functional.mseLoss(this.#of(x), this.#target);
    return x;
  }
}

function build(network: Network, content: Tensor, style: Tensor): { model: nn.Sequential; losses: [number, Loss][] } {
  const model = new nn.Sequential(new Normalization()).to(content.device);
  const losses: [number, Loss][] = [];
  const add = (weight: number, loss: Loss): void => {
    model.append(loss);
    losses.push([weight, loss]);
  };
  let channels = 3;
  for (const [b, block] of blocks.entries()) {
    if (b > 0) model.append(new nn.MaxPool2d(2, 2));
    for (const [i, out] of block.entries()) {
      const name = `conv${b + 1}_${i + 1}`;
      const conv = new nn.Conv2d(channels, out, 3, { padding: 1 });
      nn.init.kaimingNormal_(conv.weight);
      nn.init.zeros_(conv.bias as Tensor);
      model.append(conv.to(content.device));
      channels = out;
      if (name === network.content) add(1, new Loss((x) => x, model.forward(content)));
      if (network.style.includes(name)) add(1e6, new Loss(gram, model.forward(style)));
      if (name === network.last) return { model, losses };
      model.append(new nn.ReLU());
    }
  }
  throw new Error(`no layer ${network.last}`);
}

export function transfer(network: Network, size: number, device = "cpu"): () => Tensor {
  const [content, style] = [rand(1, 3, size, size).to(device), rand(1, 3, size, size).to(device)];
  const { model, losses } = noGrad(() => build(network, content, style));
  model.eval();
  model.requiresGrad_(false);
  const image = content.clone().requiresGrad_();
  return () => {
    noGrad(() => image.clamp_(0, 1));
    image.grad = null;
    model.forward(image);
    const loss = losses.map(([weight, { loss }]) => loss.mul(weight)).reduce((a, b) => a.add(b));
    loss.backward();
    return loss;
  };
}

export const networks = { "tutorial network": tutorial, "VGG19 to conv5_1": vgg19 };

const row = (name: keyof typeof networks, size: number): Row => ({
  name: `style transfer, ${name}, ${size}`,
  ...milliseconds,
  targets: { kindling: { pytorch: 1, peers: 15 }, blas: { pytorch: 1 } },
  prepare: (): Work => ({ call: transfer(networks[name], size) }),
});

export const styleTransfer: Group = {
  name: "style",
  rows: [
    row("tutorial network", 128),
    row("tutorial network", 256),
    row("VGG19 to conv5_1", 128),
    row("VGG19 to conv5_1", 256),
  ],
};
