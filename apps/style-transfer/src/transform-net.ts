import { nn, type Tensor } from "kindling";

/** Padding by reflection, a convolution and an instance norm: without a border that shows, and whatever the contrast. */
class Block extends nn.Module {
  pad: nn.ReflectionPad2d;
  conv: nn.Conv2d;
  norm: nn.InstanceNorm2d;

  constructor(from: number, to: number, kernel: number, stride = 1) {
    super();
    this.pad = new nn.ReflectionPad2d((kernel - 1) / 2);
    this.conv = new nn.Conv2d(from, to, kernel, { stride });
    this.norm = new nn.InstanceNorm2d(to, { affine: true });
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(this.pad.forward(x)));
  }
}

class Residual extends nn.Module {
  first: Block;
  second: Block;

  constructor(channels: number) {
    super();
    this.first = new Block(channels, channels, 3);
    this.second = new Block(channels, channels, 3);
  }

  forward(x: Tensor): Tensor {
    return x.add(this.second.forward(this.first.forward(x).relu()));
  }
}

/**
 * Paints a picture in one go, (N, 3, H, W) from 0 to 1 to the same: Johnson, Alahi and Fei-Fei 2016, with instance norms (Ulyanov et al. 2016)
 * and with nearest neighbours and a convolution where theirs has transposed ones, which leave a chequered pattern.
 */
export class TransformNet extends nn.Module {
  down: nn.Sequential;
  residual: nn.Sequential;
  up: nn.Sequential;
  last: nn.Conv2d;

  /** @param width channels at full size; four times as many at a quarter of it */
  constructor(width: number) {
    super();
    const [a, b, c] = [width, 2 * width, 4 * width];
    const relu = new nn.ReLU();
    const twice = new nn.Upsample({ scaleFactor: 2, mode: "nearest" });
    this.down = new nn.Sequential(new Block(3, a, 9), relu, new Block(a, b, 3, 2), relu, new Block(b, c, 3, 2), relu);
    this.residual = new nn.Sequential(...Array.from({ length: 5 }, () => new Residual(c)));
    this.up = new nn.Sequential(
      twice,
      new Block(c, b, 3),
      relu,
      twice,
      new Block(b, a, 3),
      relu,
      new nn.ReflectionPad2d(4),
    );
    this.last = new nn.Conv2d(a, 3, 9);
  }

  forward(picture: Tensor): Tensor {
    const [height, width] = picture.shape.slice(2);
    const x = this.up.forward(this.residual.forward(this.down.forward(picture.sub(0.5)))) as Tensor;
    const painted = this.last.forward(x).sigmoid();
    return painted.at("...", `:${height}`, `:${width}`); // the halves were rounded up
  }
}
