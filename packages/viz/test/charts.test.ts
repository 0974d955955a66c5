import { rand, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { confusionChart, curveChart, imageGrid, terminalConfusion, terminalCurve } from "../src/index.js";
import { pixelsOf } from "../src/png.js";

const axes = { x: "epoch", y: "loss" };

describe("curveChart", () => {
  it("draws numbers, points and tensors, with a legend, in the page's colours", () => {
    const svg = curveChart({ "<a>": [3, 2, 1], b: [{ x: 0.5, y: 2 }], c: tensor([1, 2]) }, axes);
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    for (const text of [">&lt;a&gt;<", ">b<", ">c<", "currentColor", "svg.kindling-chart:root", "loss by epoch"]) {
      expect(svg).toContain(text);
    }
    expect(svg.match(/●/g)).toHaveLength(3);
    expect(svg).not.toContain("background: white");
  });

  it("draws the same for numbers, points and a tensor", () => {
    const drawn = curveChart({ a: [4, 1] }, axes);
    expect(curveChart({ a: tensor([4, 1]) }, axes)).toBe(drawn);
    expect(
      curveChart(
        {
          a: [
            { x: 1, y: 4 },
            { x: 2, y: 1 },
          ],
        },
        axes,
      ),
    ).toBe(drawn);
  });

  it("leaves gaps for what is no number, and on a logarithmic axis for 0", () => {
    const pieces = (svg: string) => svg.match(/aria-label="line"[^>]*><path d="([^"]*)"/)?.[1].match(/M/g)?.length;
    expect(pieces(curveChart({ a: [4, 3, Number.NaN, 2, 1] }, axes))).toBe(2);
    expect(pieces(curveChart({ a: [4, 3, 0, 2, 1] }, { ...axes, log: true }))).toBe(2);
  });

  it("is as wide as one asks, in letters of the same size", () => {
    const size = (svg: string) =>
      ["width", "height"].map((side) => Number(new RegExp(` ${side}="(\\d+)"`).exec(svg)?.[1]));
    expect(size(curveChart({ a: [4, 1] }, axes))).toEqual([760, 380]);
    expect(size(curveChart({ a: [4, 1] }, { ...axes, width: 300 }))).toEqual([300, 240]);
  });

  it("draws runs that have just begun, and long ones small", () => {
    expect(curveChart({ training: [] }, axes)).toContain("training");
    const points = Array.from({ length: 5000 }, (_, i) => ({ x: i / 1000, y: 3 / (1 + i) }));
    expect(curveChart({ training: points }, axes).length).toBeLessThan(60_000);
  });

  it("refuses what is no curve", () => {
    expect(() => curveChart([1, 2] as never, axes)).toThrow("curves by their names");
    expect(() => curveChart({ a: 3 as never }, axes)).toThrow("curve a: expected numbers");
    expect(() => curveChart({ a: ["3"] as never }, axes)).toThrow("curve a: point 0");
    expect(() => curveChart({ a: [{ x: Number.NaN, y: 1 }] }, axes)).toThrow("curve a: point 0");
    expect(() => curveChart({ a: rand(2, 2) }, axes)).toThrow("one dimension");
  });
});

describe("confusionChart", () => {
  const counts = [
    [6, 2],
    [0, 3],
  ];

  it("shows the share of each row, and counts where one points", () => {
    const svg = confusionChart(counts, ["Greek", "<Czech>"]);
    expect([...svg.matchAll(/>(\d+)<\/text>/g)].map(([, text]) => text)).toEqual(["75", "25", "100"]);
    expect(svg).toContain("<title>Greek taken for &lt;Czech&gt;: 2 of 8</title>");
    expect([...svg.matchAll(/fill-opacity="([^"]+)"/g)].map(([, share]) => Number(share))).toEqual([
      expect.closeTo(0.765),
      expect.closeTo(0.295),
      expect.closeTo(0.06),
      1,
    ]);
    expect(confusionChart(tensor(counts), ["Greek", "<Czech>"])).toBe(svg);
  });

  it("draws classes of one name, and without samples", () => {
    expect(
      confusionChart(
        [
          [0, 0],
          [1, 0],
        ],
        ["a", "a"],
      ),
    ).toContain("a taken for a: 1 of 1");
  });

  it("refuses what does not fit", () => {
    expect(() => confusionChart(counts, ["a"])).toThrow("(1, 1) for 1 classes");
    expect(() => confusionChart([[1], [2]], ["a", "b"])).toThrow("(2, 2)");
    expect(() => confusionChart([], [])).toThrow("(0, 0)");
    expect(() => terminalConfusion(counts, ["a"])).toThrow("(1, 1)");
  });
});

describe("imageGrid", () => {
  it("holds a PNG for each picture", () => {
    const svg = imageGrid(rand(3, 1, 4, 5), { columns: 2, labels: ["a", "<b>", "c"] });
    expect(svg.match(/href="data:image\/png;base64,iVBORw0KGgo/g)).toHaveLength(3);
    expect(svg).toContain("&lt;b&gt;");
    expect(svg).toContain('width="148" height="158"'); // 5 × 4 pixels at 13 units, 6 between, 18 for the text
  });

  it("takes floats from 0 to 1, clamped, and bytes", () => {
    const pixels = pixelsOf(tensor([[[-1, 0, 0.5]], [[1, 2, Number.NaN]], [[0.2, 0.4, 0.6]]]));
    expect(pixels).toEqual({
      data: new Uint8Array([0, 255, 51, 0, 255, 102, 128, 0, 153]),
      width: 3,
      height: 1,
      channels: 3,
    });
    expect(pixelsOf(tensor([[[0, 7]]], { dtype: "uint8" })).data).toEqual(new Uint8Array([0, 7]));
    expect(pixelsOf(tensor([[[true, false]]])).data).toEqual(new Uint8Array([255, 0]));
  });

  it("refuses other shapes and dtypes", () => {
    expect(() => imageGrid(rand(2, 2))).toThrow("(N, C, H, W)");
    expect(() => imageGrid(rand(2, 2, 2))).toThrow("1, 3 or 4 channels");
    expect(() => imageGrid(rand(1, 2, 2), { labels: [] })).toThrow("0 labels for 1 pictures");
    expect(() => imageGrid(rand(1, 2, 2), { columns: 0 })).toThrow("columns");
    expect(() => imageGrid(rand(1, 2, 2), { scale: 0 })).toThrow("scale");
    expect(() => imageGrid(tensor([[[1]]], { dtype: "int32" }))).toThrow("int32");
  });
});

describe("the terminal", () => {
  it("shows curves", () => {
    expect(terminalCurve([4, 3, 2, 1, 0], { height: 2 })).toBe("4.000 ┤█▄▁  \n0.000 ┤███▅▁");
    expect(terminalCurve([1, 1])).toMatch(/^1.000 ┤ {2}\n/);
    expect(terminalCurve([Number.NaN])).toBe("");
  });

  it("shows confusion matrices", () => {
    expect(
      terminalConfusion(
        [
          [6, 2],
          [1, 3],
        ],
        ["Greek", "Vietnamese"],
      ),
    ).toBe("         Gre Vie\nGreek     75  25\nVietname  25  75");
  });
});
