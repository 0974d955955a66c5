import { nn, type Tensor, tensor } from "kindling";
import { LAYERS, layerNamed } from "./layers.js";

/**
 * VGG19's leading layers, as far as one needs them. Keys and layouts of its state are those of torchvision's `vgg19`.
 *
 * A picture is (N, 3, H, W), RGB from 0 to 1. It is normalized here, as torchvision's weights want it.
 */
export class Vgg extends nn.Module {
  features = new nn.Sequential();
  mean = new nn.Buffer(tensor([0.485, 0.456, 0.406]).view(-1, 1, 1), { persistent: false });
  std = new nn.Buffer(tensor([0.229, 0.224, 0.225]).view(-1, 1, 1), { persistent: false });

  /** @param names the layers one will ask for; nothing behind the last of them is built */
  constructor(names: readonly string[]) {
    super();
    const last = Math.max(...names.map((name) => layerNamed(name).index));
    for (const { kind, channels } of LAYERS.slice(0, last + 1)) {
      if (kind === "conv") this.features.append(new nn.Conv2d(...channels, 3, { padding: 1 }));
      else this.features.append(kind === "relu" ? new nn.ReLU() : new nn.MaxPool2d(2, 2));
    }
    this.requiresGrad_(false); // the picture learns, not the network
  }

  /** What the named layers make of a picture, in the order of the names. */
  at(picture: Tensor, names: readonly string[]): Tensor[] {
    const found = new Map<string, Tensor>();
    let x = picture.sub(this.mean).div(this.std);
    for (const [i, layer] of [...this.features].entries()) {
      x = layer.forward(x) as Tensor;
      if (names.includes(LAYERS[i].name)) found.set(LAYERS[i].name, x);
    }
    return names.map((name) => found.get(name) as Tensor);
  }
}
