import { MSELoss } from "@kindling/nn";
import { SGD } from "@kindling/optim";
import { expect } from "vitest";
import { KillHead } from "./06-custom-functions.js";
import { fixtures } from "./fixtures.js";
import type { Point } from "./place.js";

const { optimizingAnInput: wanted } = fixtures;

export const optimizingAnInput: Point = {
  "five steps of SGD with learning rate 1.0 on x through KillHead": async (at) => {
    const x = at.leaf(wanted.x);
    const target = at.tensor(wanted.target);
    const optimizer = new SGD([x], { lr: 1.0 });
    const criterion = new MSELoss();
    const losses: number[] = [];
    for (let i = 0; i < 5; i++) {
      optimizer.zeroGrad();
      const loss = criterion.forward(KillHead.apply(x, 2), target);
      loss.backward();
      optimizer.step();
      losses.push(...(await at.read(loss)));
    }
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(wanted.losses[i], 5);
    for (let i = 1; i < 5; i++) expect(losses[i]).toBeLessThan(losses[i - 1]);
    await at.close(x, wanted.after);
    // the head got no gradient
    await at.close(
      x.detach().at(":", ":2"),
      (wanted.x as number[][]).map((row) => row.slice(0, 2)),
    );
  },
};
