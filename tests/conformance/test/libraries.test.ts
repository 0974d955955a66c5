import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, manualSeed, rand, type Tensor, tensor, zeros } from "@kindling/autograd";
import { DataLoader, TensorDataset } from "@kindling/data";
import { deserialize, load, save, serialize } from "@kindling/io";
import * as optim from "@kindling/optim";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { afterAll, describe, expect, it } from "vitest";

// The libraries above autograd on a device that cannot be read at once, beside the CPU.
registerOpaqueBackend();

const values = async (t: Tensor): Promise<number[]> => Array.from((await t.cpu()).toTypedArray(), Number);

async function expectClose(far: Tensor, near: Tensor): Promise<void> {
  const expected = await values(near);
  (await values(far)).forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 5);
  });
}

describe("optimizers", () => {
  const make: Record<string, (params: Tensor[]) => optim.Optimizer> = {
    SGD: (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
    Adam: (params) => new optim.Adam(params, { lr: 0.1, amsgrad: true, weightDecay: 0.01 }),
    AdamW: (params) => new optim.AdamW(params, { lr: 0.1 }),
    RMSprop: (params) => new optim.RMSprop(params, { lr: 0.1, centered: true, momentum: 0.5 }),
    Adagrad: (params) => new optim.Adagrad(params, { lr: 0.1 }),
    Adadelta: (params) => new optim.Adadelta(params, { weightDecay: 0.1 }),
    Adamax: (params) => new optim.Adamax(params, { lr: 0.1 }),
    NAdam: (params) => new optim.NAdam(params, { lr: 0.1 }),
    RAdam: (params) => new optim.RAdam(params, { lr: 0.1, betas: [0.9, 0.9] }),
    Rprop: (params) => new optim.Rprop(params, { lr: 0.1 }),
    ASGD: (params) => new optim.ASGD(params, { lr: 0.1, t0: 1 }),
    Lion: (params) => new optim.Lion(params, { lr: 0.1, weightDecay: 0.1 }),
    Muon: (params) => new optim.Muon(params, { lr: 0.1 }),
    LBFGS: (params) => new optim.LBFGS(params, { lineSearchFn: "strong_wolfe", maxIter: 4 }),
  };

  const descend = async (optimizer: optim.Optimizer, param: Tensor): Promise<Tensor> => {
    for (let i = 0; i < 3; i++) {
      await optimizer.step(async () => {
        optimizer.zeroGrad();
        const loss = param.sub(3).pow(2).mul(param).sum();
        loss.backward();
        return loss;
      });
    }
    return param.detach();
  };

  for (const [name, of] of Object.entries(make)) {
    it(`${name} needs no synchronous read, and its state moves between devices`, async () => {
      manualSeed(1);
      const start = rand(2, 3).add(2);
      const near = start.clone().requiresGrad_();
      const far = start.to("opaque").requiresGrad_();
      const [first, second] = [of([near]), of([far])];
      await expectClose(await descend(second, far), await descend(first, near));

      const other = of([(await far.cpu()).detach().to("opaque").requiresGrad_()]);
      other.loadStateDict(first.stateDict());
      await expectClose(await descend(other, other.paramGroups[0].params[0]), await descend(first, near));
    });
  }
});

describe("data", () => {
  it("makes batches of tensors where they are", async () => {
    const [x, y] = [arange(6, { dtype: "float32" }).reshape(3, 2), tensor([7, 8, 9])].map((t) => t.to("opaque"));
    const batches: number[][] = [];
    for (const [xb, yb] of new DataLoader(new TensorDataset(x, y), { batchSize: 2 })) {
      expect([xb.device, yb.device]).toEqual(["opaque", "opaque"]);
      batches.push([...(await values(xb)), ...(await values(yb))]);
    }
    expect(batches).toEqual([
      [0, 1, 2, 3, 7, 8],
      [4, 5, 9],
    ]); // prettier-ignore
  });
});

describe("io", () => {
  const folder = mkdtempSync(join(tmpdir(), "libraries-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("saves from any device; serialize says what to await", async () => {
    const path = join(folder, "far.safetensors");
    const far = tensor([1.5, 2]).to("opaque");
    await save({ far, near: zeros(2) }, path);
    expect((await load(path)).far.tolist()).toEqual([1.5, 2]);
    expect(() => serialize({ far })).toThrow("cpu()");
    expect(deserialize(serialize({ far: await far.cpu() })).tensors.far.tolist()).toEqual([1.5, 2]);
  });
});
