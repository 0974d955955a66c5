import { ones, type Tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

class Add extends nn.Module {
  readonly n: number;
  constructor(n: number) {
    super();
    this.n = n;
  }
  override forward(x: Tensor): Tensor {
    return x.mul(10).add(this.n);
  }
}

const digits = (net: Iterable<nn.Module>): number[] => [...net].map((m) => (m as Add).n);

describe("Sequential", () => {
  it("chains modules", () => {
    const net = new nn.Sequential(new Add(1), new Add(2), new Add(3));
    expect(net.forward(ones(1)).item()).toBe(1123);
    expect(net).toHaveLength(3);
    expect((net[1] as Add).n).toBe(2);
    expect((net.at(-1) as Add).n).toBe(3);
    expect(() => net.at(3)).toThrow("index 3 is out of range");
    net[1] = new Add(7);
    expect(net.forward(ones(1)).item()).toBe(1173);
    expect(new nn.Sequential().forward(ones(1)).item()).toBe(1);
  });

  it("takes names", () => {
    const net = new nn.Sequential({ a: new Add(1), b: new Add(2) });
    expect(net.namedChildren().map(([name]) => name)).toEqual(["a", "b"]);
    expect(net.forward(ones(1)).item()).toBe(112);
    const map = new nn.Sequential(new Map([["0", new nn.Linear(1, 1)]]));
    expect(Object.keys(map.stateDict())).toEqual(["0.weight", "0.bias"]);
    expect(
      () =>
        new nn.Sequential(
          new Map([
            ["a", new Add(1)],
            ["0", new Add(2)],
          ]),
        ),
    ).toThrow("names that are whole numbers must come first and in ascending order");
    expect(() => new nn.Sequential(3 as never)).toThrow("Sequential takes modules");
  });

  it("can be cut and changed", () => {
    const net = new nn.Sequential(new Add(1), new Add(2), new Add(3), new Add(4));
    expect(digits(net.slice(1, 3))).toEqual([2, 3]);
    expect(
      net
        .slice(1)
        .namedChildren()
        .map(([name]) => name),
    ).toEqual(["1", "2", "3"]);
    expect((net.pop(1) as Add).n).toBe(2);
    expect(net.namedChildren().map(([name]) => name)).toEqual(["0", "1", "2"]);
    net
      .insert(0, new Add(9))
      .append(new Add(8))
      .extend([new Add(7)]);
    expect(digits(net)).toEqual([9, 1, 3, 4, 8, 7]);
    net.insert(-1, new Add(6));
    expect(digits(net)).toEqual([9, 1, 3, 4, 8, 6, 7]);
    expect(() => net.insert(8, new Add(0))).toThrow("Index out of range: 8");
  });
});

describe("ModuleList", () => {
  it("is an array whose parameters are found", () => {
    const layers = new nn.ModuleList(Array.from({ length: 11 }, () => new nn.Linear(1, 1)));
    expect(layers.parameters()).toHaveLength(22);
    expect(layers.namedParameters()[20][0]).toBe("10.weight");
    expect([...layers]).toHaveLength(11);
    expect(layers.slice(-2)).toHaveLength(2);
    expect(() => layers.forward(ones(1))).toThrow('Module [ModuleList] is missing the required "forward" function');
  });
});

describe("ModuleDict", () => {
  it("keeps names apart from methods, in the order of insertion", () => {
    const dict = new nn.ModuleDict({ forward: new nn.Linear(1, 1), keys: new nn.Identity() });
    dict.set("2", new nn.Linear(1, 1)).set("1", new nn.Identity());
    expect([...dict.keys()]).toEqual(["forward", "keys", "2", "1"]);
    expect(Object.keys(dict.stateDict())).toEqual(["forward.weight", "forward.bias", "2.weight", "2.bias"]);
    expect(dict.get("keys")).toBeInstanceOf(nn.Identity);
    expect(dict.has("x")).toBe(false);
    expect(() => dict.get("x")).toThrow("ModuleDict has no 'x'");
    expect(() => dict.set("a.b", new nn.Identity())).toThrow('name can\'t contain "."');
    expect(() => dict.set("a", ones(1) as never)).toThrow("is not a Module subclass");
    expect(dict.pop("2")).toBeInstanceOf(nn.Linear);
    expect(dict.size).toBe(3);
    expect(dict.getParameter("forward.weight").shape).toEqual([1, 1]);
    expect(String(dict)).toContain("(keys): Identity()");
    dict.registerModule("added", new nn.Identity());
    expect(dict.pop("added")).toBeInstanceOf(nn.Identity);
    dict.update([["z", new nn.Identity()]]);
    expect([...dict].map(([name]) => name)).toEqual(["forward", "keys", "1", "z"]);
    dict.clear();
    expect([...dict.values()]).toEqual([]);
  });
});

describe("ParameterList and ParameterDict", () => {
  it("make parameters of tensors", () => {
    const weights = new nn.ParameterList([ones(2), new nn.Parameter(ones(3))]);
    expect(weights[0]).toBeInstanceOf(nn.Parameter);
    expect(weights.at(-1).shape).toEqual([3]);
    weights.append(ones(4));
    expect(weights).toHaveLength(3);
    expect(Object.keys(weights.stateDict())).toEqual(["0", "1", "2"]);
    expect(() => weights.append(3 as never)).toThrow("a parameter must be a Tensor, not number");

    const named = new nn.ParameterDict({ left: ones(2) });
    named.set("right", ones(3));
    expect(named.get("left")).toBeInstanceOf(nn.Parameter);
    expect(named.namedParameters().map(([name]) => name)).toEqual(["left", "right"]);
    expect(String(named)).toBe(
      "ParameterDict(\n    (left): Parameter containing: [float32 of size 2]\n    (right): Parameter containing: [float32 of size 3]\n)",
    );
  });

  it("are found inside of other modules", () => {
    class Net extends nn.Module {
      layers = new nn.ModuleList([new nn.Linear(1, 1)]);
      sides = new nn.ParameterDict({ left: ones(1) });
    }
    expect(Object.keys(new Net().stateDict())).toEqual(["layers.0.weight", "layers.0.bias", "sides.left"]);
  });
});
