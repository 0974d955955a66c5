import { autograd, ones, rand, type Tensor, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { graph, graphDot } from "../src/index.js";

/** "MulBackward0 -> SumBackward0", from the labels of a DOT text; sorted. */
function arrows(dot: string): string[] {
  const labels = new Map(
    [...dot.matchAll(/^ {2}(n\d+) \[label="((?:[^"\\]|\\.)*)"/gm)].map(([, id, label]) => [id, label]),
  );
  return [...dot.matchAll(/^ {2}(n\d+) -> (n\d+)(.*);$/gm)]
    .map(([, from, to, how]) => `${labels.get(from)} ${how.includes("dashed") ? "--" : "->"} ${labels.get(to)}`)
    .sort();
}

describe("graphDot", () => {
  it("shows operators, leaves and the result, as gradFn and nextFunctions have them", () => {
    const x = tensor([[1, 2]]);
    const w = tensor([3, 4], { requiresGrad: true });
    const loss = x.mul(w).sum();
    expect(arrows(graphDot(loss, { names: { w, loss } }))).toEqual([
      "MulBackward0 -> SumBackward0",
      "SumBackward0 -> loss\\n()",
      "w\\n(2) -> MulBackward0",
    ]);
  });

  it("draws a tensor that is used twice once, with an arrow for each use", () => {
    const w = ones(3, { requiresGrad: true });
    const dot = graphDot(w.mul(w).add(w), { names: { w } });
    expect(arrows(dot).filter((arrow) => arrow.startsWith("w"))).toEqual([
      "w\\n(3) -> AddBackward0",
      "w\\n(3) -> MulBackward0",
      "w\\n(3) -> MulBackward0",
    ]);
    expect(dot.match(/class="leaf"/g)).toHaveLength(1);
  });

  it("takes names from pairs and maps, also of tensors inside the graph", () => {
    const w = ones(2, { requiresGrad: true });
    const h = w.tanh();
    const y = h.exp();
    const pairs: [string, Tensor][] = [
      ["w", w],
      ["h", h],
    ];
    expect(arrows(graphDot(y, { names: pairs }))).toEqual(arrows(graphDot(y, { names: new Map(pairs) })));
    expect(graphDot(y, { names: pairs })).toContain('label="TanhBackward0\\nh (2)"');
  });

  it("draws several results in one graph, and a leaf that is asked for", () => {
    const w = ones(2, { requiresGrad: true });
    const [a, b] = [w.mul(2), w.exp()];
    expect(arrows(graphDot([a, b, w], { names: { a, b, w } }))).toEqual([
      "ExpBackward0 -> b\\n(2)",
      "MulBackward0 -> a\\n(2)",
      "w\\n(2) -> ExpBackward0",
      "w\\n(2) -> MulBackward0",
    ]);
  });

  it("numbers outputs after the first", () => {
    const w = rand(4, 2).requiresGrad_();
    const [, second] = w.unbind(1);
    expect(graphDot(second.exp())).toContain('[taillabel=" 1 "]');
  });

  it("shows what operators keep", () => {
    const w = ones(2, { requiresGrad: true });
    const y = w.exp();
    expect(arrows(graphDot(y, { names: { y }, saved: true }))).toContain("y\\n(2) -- ExpBackward0");
    y.sum().backward();
    expect(() => graphDot(y, { saved: true })).toThrow("second time");
    expect(graphDot(y)).toContain("ExpBackward0");
  });

  it("names a function of one's own by its class", () => {
    class Twice extends autograd.Function {
      static forward(_: autograd.FunctionContext, x: Tensor) {
        return x.mul(2);
      }
      static backward(_: autograd.FunctionContext, g: Tensor) {
        return g.mul(2);
      }
    }
    expect(graphDot(Twice.apply(ones(1, { requiresGrad: true })) as Tensor)).toContain('label="TwiceBackward"');
  });

  it("escapes names", () => {
    const w = ones(1, { requiresGrad: true });
    expect(graphDot(w.exp(), { names: { 'a "b" \\ \n c': w } })).toContain('label="a \\"b\\" \\\\ c\\n(1)"');
  });

  it("walks long chains", () => {
    let y = ones(1, { requiresGrad: true });
    for (let i = 0; i < 20_000; i++) y = y.neg();
    expect(graphDot(y).match(/NegBackward0/g)).toHaveLength(20_000);
  });

  it("refuses what has no graph", () => {
    expect(() => graphDot(ones(2))).toThrow("element 0 of tensors does not require grad");
    expect(() => graphDot([])).toThrow("expects a tensor");
    expect(() => graphDot("w" as never)).toThrow("expects a tensor");
    expect(() => graphDot(ones(2, { requiresGrad: true }), { names: { w: 3 as never } })).toThrow("w is not a tensor");
  });
});

describe("graph", () => {
  it("draws SVG for a page: colours of the page, no ids, names escaped", async () => {
    const w = ones(2, { requiresGrad: true });
    const svg = await graph(w.exp().sum(), { names: { "<w>": w } });
    expect(svg).toMatch(/^<svg class="kindling-graph" role="img" aria-label="autograd graph" width=/);
    expect(svg.trimEnd()).toMatch(/<\/svg>$/);
    for (const text of ["ExpBackward0", "SumBackward0", "&lt;w&gt;", "currentColor", "prefers-color-scheme:dark"]) {
      expect(svg).toContain(text);
    }
    expect(svg).not.toMatch(/ id="|<title>|<!--/);
  });

  it("reads the graph at the call, before a backward pass frees it", async () => {
    const w = ones(2, { requiresGrad: true });
    const y = w.exp().sum();
    const drawn = graph(y, { saved: true });
    y.backward();
    expect(await drawn).toContain("ExpBackward0");
  });

  it("rejects what has no graph", async () => {
    await expect(graph(ones(2))).rejects.toThrow("does not require grad");
  });
});
