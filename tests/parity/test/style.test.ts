import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, tensor } from "kindling";
import { type Losses, networkFor, Objective, paint } from "style-transfer";
import { describe, expect, it } from "vitest";
import { isPresent, shared } from "../src/shared.js";

/*
 * PyTorch's tutorial of style transfer: its program runs here, and ours on the same input tensors. `KINDLING_STYLE_STEPS` takes more
 * evaluations than the first twenty, 300 at most.
 */

const program = join(shared, "oracle", "style.py");
const weights = join(shared, "data", "vgg19", "vgg19_features0-10_torchvision_names_rgb_meanstd.safetensors");
const steps = Number(process.env.KINDLING_STYLE_STEPS ?? 20);

const python = "/usr/bin/python3";

function hasPyTorch(): boolean {
  try {
    execFileSync(python, ["-c", "import torch, PIL"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn(`skipped: ${python} has no torch and PIL to run ${program}`);
    return false;
  }
}

/** The values of a float32 .npy file in C order. */
function npy(path: string): Tensor {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  return tensor(new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length))).view(
    1,
    3,
    128,
    128,
  );
}

describe.skipIf(!(isPresent(program) && isPresent(weights) && hasPyTorch()))("the tutorial's style transfer", () => {
  it("has PyTorch's losses: the first to float accuracy, the later ones within a few percent", async () => {
    const folder = mkdtempSync(join(tmpdir(), "style-parity-"));
    try {
      const source = readFileSync(program, "utf8")
        .replace("while run[0] <= 300", `while run[0] < ${steps}`)
        .replace(/print\(.*\)$/m, "");
      execFileSync(python, ["-c", source, join(shared, "data"), folder]);
      const theirs = JSON.parse(readFileSync(join(folder, "style_128.json"), "utf8")).style_content as [
        number,
        number,
      ][];
      const [content, example] = ["content", "style"].map((name) => npy(join(folder, `style_${name}_128.npy`)));

      const names = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"];
      const { vgg } = await networkFor(names, { weights, download: false, seed: 0, device: "cpu" }, () => {});
      const objective = new Objective(vgg, content, [example], {
        styleWeight: 1e6,
        contentWeight: 1,
        tvWeight: 0,
        styleLayers: names,
        contentLayers: ["conv2_2"],
        blend: [1],
      });
      const ours: Losses[] = [];
      await paint(content, objective, { optimizer: "lbfgs", lr: 1, steps }, async (_, losses) => ours.push(losses) > 0);

      const apart = ours.map(({ style, content }, i) => {
        const [s, c] = theirs[i];
        return Math.abs(style + content - s - c) / (s + c);
      });
      if (steps > 20)
        console.log([1, 2, 3, 10, 50, 100, 200, 300].map((n) => [n, ours[n - 1], theirs[n - 1], apart[n - 1]]));
      expect(ours).toHaveLength(steps);
      for (const part of apart.slice(0, 3)) expect(part).toBeLessThan(1e-5);
      for (const part of apart) expect(part).toBeLessThan(0.05);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 240_000);
});
