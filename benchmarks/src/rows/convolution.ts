import { autograd, nn, randn } from "kindling";
import { type Group, milliseconds, type Row } from "../row.js";

/* 3×3, padded by 1, with a bias, as many channels out as in, one image: the result and the gradients of image, filters and bias. */

const row = (channels: number, size: number): Row => ({
  name: `conv 3×3, ${channels} channels, ${size}², forward + gradients`,
  ...milliseconds,
  targets: { kindling: { pytorch: 1, peers: 10 }, blas: { pytorch: 1 } },
  prepare() {
    const x = randn(1, channels, size, size, { requiresGrad: true });
    const weight = randn(channels, channels, 3, 3, { requiresGrad: true });
    const bias = randn(channels, { requiresGrad: true });
    const gradient = randn(1, channels, size, size);
    return {
      call() {
        const y = nn.functional.conv2d(x, weight, bias, { padding: 1 });
        return autograd.grad(y, [x, weight, bias], { gradOutputs: gradient });
      },
    };
  },
});

export const convolution: Group = { name: "convolution", rows: [row(64, 128), row(128, 64), row(256, 32)] };
