import { manualSeed, ones, randn, type Tensor, tensor, zeros } from "@kindling/autograd";
import { beforeEach, describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

class Block extends nn.Module {
  scale = new nn.Parameter(ones(2));
  fc = new nn.Linear(2, 2);
  total = new nn.Buffer(zeros(1));
  scratch = new nn.Buffer(zeros(1), { persistent: false });
  plain = ones(3);
  hidden = [new nn.Linear(5, 5)];

  override forward(x: Tensor): Tensor {
    return this.fc.forward(x).mul(this.scale);
  }
}

class Net extends nn.Module {
  first = new Block();
  shared = this.first.fc;
  bias = this.first.scale;
  act: nn.Module = new nn.Tanh();

  override forward(x: Tensor): Tensor {
    return this.act.forward(this.first.forward(x));
  }
}

const names = (list: [string, unknown][]): string[] => list.map(([name]) => name);
let net: Net;
beforeEach(() => {
  manualSeed(0);
  net = new Net();
});

describe("what a module registers", () => {
  it("is parameters, buffers and modules in its own fields, each once", () => {
    expect(names(net.namedParameters())).toEqual(["bias", "first.fc.weight", "first.fc.bias"]);
    expect(names(net.first.namedParameters())).toEqual(["scale", "fc.weight", "fc.bias"]);
    expect(names(net.first.namedParameters({ recurse: false, prefix: "p" }))).toEqual(["p.scale"]);
    expect(net.parameters(false)).toEqual([net.bias]);
    expect(names(net.namedBuffers())).toEqual(["first.total", "first.scratch"]);
    expect(net.buffers()).toHaveLength(2);
    expect(names(net.namedModules())).toEqual(["", "first", "first.fc", "act"]);
    expect(net.modules()[0]).toBe(net);
    expect(names(net.namedChildren())).toEqual(["first", "shared", "act"]);
    expect(net.children()).toEqual([net.first, net.shared, net.act]);
  });

  it("follows fields as they change", () => {
    net.act = new nn.Linear(2, 1);
    expect(names(net.namedParameters())).toContain("act.weight");
    (net as { act: unknown }).act = null;
    expect(names(net.namedModules())).not.toContain("act");
  });

  it("can be registered by name", () => {
    const module = new nn.Module();
    module.registerParameter("w", new nn.Parameter(ones(1)));
    module.registerBuffer("b", ones(1), { persistent: false });
    module.registerModule("m", new nn.Identity());
    module.addModule("n", null);
    module.registerParameter("none", null);
    expect(names(module.namedParameters())).toEqual(["w"]);
    expect(Object.keys(module.stateDict())).toEqual(["w"]);
    expect(names(module.namedChildren())).toEqual(["m"]);
    expect(() => module.registerParameter("a.b", null)).toThrow('parameter name can\'t contain "."');
    expect(() => module.registerBuffer("", ones(1))).toThrow('buffer name can\'t be empty string ""');
    expect(() => module.registerModule("train", new nn.Identity())).toThrow("attribute 'train' already exists");
    expect(() => module.registerModule("train", new nn.Identity())).toThrow(
      expect.objectContaining({ name: "ArgumentError", attribute: "train" }),
    );
    expect(() => module.registerParameter("x", ones(1) as nn.Parameter)).toThrow(
      "cannot assign 'Tensor' object to parameter 'x' (nn.Parameter or null required)",
    );
    expect(() => module.registerModule("x", {} as nn.Module)).toThrow("is not a Module subclass");
  });

  it("is found by path", () => {
    expect(net.getParameter("first.fc.weight")).toBe(net.first.fc.weight);
    expect(net.getBuffer("first.total")).toBe(net.first.total);
    expect(net.getSubmodule("first.fc")).toBe(net.first.fc);
    expect(net.getSubmodule("")).toBe(net);
    expect(() => net.getSubmodule("second")).toThrow("Net has no attribute `second`");
    expect(() => net.getSubmodule("first.scale")).toThrow("`scale` is not an nn.Module");
    expect(() => net.getParameter("first.plain")).toThrow("`plain` is not an nn.Parameter");
    expect(() => net.getBuffer("first.scale")).toThrow("`scale` is not a buffer");
  });
});

describe("modes", () => {
  it("reach all modules", () => {
    expect(net.training).toBe(true);
    expect(net.eval()).toBe(net);
    expect(net.modules().map((m) => m.training)).toEqual([false, false, false, false]);
    net.train();
    expect(net.first.fc.training).toBe(true);
    expect(() => net.train(1 as never)).toThrow("training mode is expected to be boolean");
  });

  it("freeze and clear gradients", () => {
    net.forward(ones(1, 2)).sum().backward();
    expect(net.first.fc.weight.grad).not.toBeNull();
    net.zeroGrad();
    expect(net.parameters().every((p) => p.grad === null)).toBe(true);
    net.requiresGrad_(false);
    expect(net.forward(ones(1, 2)).requiresGrad).toBe(false);
  });

  it("apply visits children first", () => {
    const visited: string[] = [];
    net.apply((m) => {
      visited.push(m.constructor.name);
    });
    expect(visited).toEqual(["Linear", "Block", "Linear", "Tanh", "Net"]);
  });

  it("says that forward is missing", () => {
    expect(() => new nn.Module().forward()).toThrow('Module [Module] is missing the required "forward" function');
  });
});

describe("to", () => {
  it("converts floats in place, with their gradients", () => {
    const before = net.parameters();
    net.first.registerBuffer("count", tensor([1], { dtype: "int64" }));
    net.forward(ones(1, 2)).sum().backward();
    expect(net.to("float64")).toBe(net);
    expect(net.parameters()).toEqual(before);
    expect(net.parameters().every((p, i) => p === before[i] && p.dtype === "float64" && p.requiresGrad)).toBe(true);
    expect(net.first.fc.weight.grad?.dtype).toBe("float64");
    expect(net.first.total.dtype).toBe("float64");
    expect(net.getBuffer("first.count").dtype).toBe("int64");
    net.zeroGrad();
    net
      .forward(ones(1, 2, { dtype: "float64" }))
      .sum()
      .backward();
    expect(net.first.fc.weight.grad?.dtype).toBe("float64");
    expect(net.float().first.scale.dtype).toBe("float32");
    expect(net.to({ dtype: "float64", device: "cpu" }).first.scale.dtype).toBe("float64");
    expect(net.to(ones(1)).first.scale.dtype).toBe("float32");
    expect(() => net.to("int32")).toThrow(
      "nn.Module.to only accepts floating point dtypes, but got desired dtype=int32",
    );
    expect(() => net.to({ type: "float32" } as object)).toThrow("unexpected keyword argument 'type'");
  });

  it("cpu() gives the module back", async () => {
    expect(await net.cpu()).toBe(net);
  });
});

describe("names and gradients", () => {
  it("list what is held twice, if asked to", () => {
    const shared = new nn.Linear(1, 1);
    const twice = new nn.Sequential(shared, shared);
    expect(twice.namedModules({ prefix: "a" }).map(([name]) => name)).toEqual(["a", "a.0"]);
    expect(twice.namedModules({ removeDuplicate: false }).map(([name]) => name)).toEqual(["", "0", "1"]);
    expect(twice.namedParameters({ removeDuplicate: false }).map(([name]) => name)).toEqual([
      "0.weight",
      "0.bias",
      "1.weight",
      "1.bias",
    ]);
  });

  it("zeroGrad with setToNull: false keeps zeros", () => {
    const layer = new nn.Linear(1, 1);
    layer.forward(ones(1)).backward();
    layer.zeroGrad({ setToNull: false });
    expect(layer.weight.grad?.tolist()).toEqual([[0]]);
    layer.zeroGrad();
    expect(layer.weight.grad).toBeNull();
    layer.zeroGrad(false);
    expect(layer.weight.grad).toBeNull();
  });

  it("names to register are strings without dots", () => {
    const module = new nn.Module();
    expect(() => module.registerParameter(5 as never, null)).toThrow("parameter name should be a string. Got number");
    expect(() => module.registerModule("a.b", null)).toThrow('module name can\'t contain ".", got: a.b');
    expect(() => module.registerBuffer("", null)).toThrow('buffer name can\'t be empty string ""');
  });

  it("half and bfloat16", () => {
    expect(new nn.Linear(1, 1).half().weight.dtype).toBe("float16");
    expect(new nn.Linear(1, 1).bfloat16().bias?.dtype).toBe("bfloat16");
  });
});

describe("state dicts", () => {
  it("share memory, outside of the graph, under PyTorch's names", () => {
    const state = net.stateDict();
    expect(Object.getPrototypeOf(state)).toBeNull();
    expect(Object.keys(state)).toEqual([
      "bias",
      "first.scale",
      "first.total",
      "first.fc.weight",
      "first.fc.bias",
      "shared.weight",
      "shared.bias",
    ]);
    expect(state["first.scale"].requiresGrad).toBe(false);
    expect(state["first.scale"]).not.toBeInstanceOf(nn.Parameter);
    net.first.scale.data.fill_(7);
    expect(state["first.scale"].tolist()).toEqual([7, 7]);
    expect(Object.keys(net.first.fc.stateDict("x."))).toEqual(["x.weight", "x.bias"]);
  });

  it("go round", () => {
    const other = new Net();
    other.first.total.fill_(3);
    const before = net.first.fc.weight;
    expect(net.loadStateDict(other.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(net.first.fc.weight).toBe(before);
    expect(net.first.fc.weight.tolist()).toEqual(other.first.fc.weight.tolist());
    expect(net.first.total.tolist()).toEqual([3]);
    const x = randn(4, 2);
    expect(net.forward(x).tolist()).toEqual(other.forward(x).tolist());
  });

  it("report everything that does not fit at once, in PyTorch's words", () => {
    const layer = new nn.Linear(3, 2);
    const outer = new nn.Sequential({ fc: layer, act: new nn.Tanh() });
    expect(() => outer.loadStateDict({ "fc.weight": ones(3), "fc.extra": ones(1), other: ones(1) })).toThrow(
      'Error(s) in loading stateDict for Sequential:\n\tMissing key(s) in stateDict: "fc.bias". \n\tUnexpected key(s) in stateDict: "other", "fc.extra". \n\tsize mismatch for fc.weight: copying a param with shape [3] from checkpoint, the shape in current model is [2, 3].',
    );
    expect(() => layer.loadStateDict({ weight: ones(3) }, { strict: false })).toThrow(
      "Error(s) in loading stateDict for Linear:\n\tsize mismatch for weight: copying a param with shape [3] from checkpoint, the shape in current model is [2, 3].",
    );
    expect(layer.loadStateDict({ weight: ones(2, 3), c: ones(1) }, false)).toEqual({
      missingKeys: ["bias"],
      unexpectedKeys: ["c"],
    });
    expect(layer.weight.tolist()).toEqual(ones(2, 3).tolist());
    expect(() => layer.loadStateDict({ weight: 1, bias: ones(2) } as never)).toThrow(
      'While copying the parameter named "weight", expected Tensor or Tensor-like object from checkpoint but received number',
    );
    expect(() => layer.loadStateDict(null as never)).toThrow("Expected stateDict to be dict-like, got null.");
    expect(() => layer.loadStateDict(layer as never)).toThrow("Expected stateDict to be dict-like, got Linear.");
  });

  it("come as a Map too", () => {
    const [a, b] = [new nn.Linear(1, 1), new nn.Linear(1, 1)];
    b.loadStateDict(new Map(Object.entries(a.stateDict())));
    expect(b.weight.item()).toBe(a.weight.item());
  });

  it("know a tensor's name from a module's", () => {
    const outer = new nn.Sequential({ fc: new nn.Linear(1, 1) });
    const { unexpectedKeys } = outer.loadStateDict(
      { ...outer.stateDict(), fc: ones(1), "fc.weight.scale": ones(1) },
      { strict: false },
    );
    expect(unexpectedKeys).toEqual(["fc", "fc.weight.scale"]);
  });

  it("hold the parameters themselves with keepVars, and take a prefix by name", () => {
    const layer = new nn.Linear(1, 1);
    const state = layer.stateDict({ prefix: "x.", keepVars: true });
    expect(Object.keys(state)).toEqual(["x.weight", "x.bias"]);
    expect(state["x.weight"]).toBe(layer.weight);
  });

  it("take one element for a number", () => {
    const module = new nn.Module();
    module.registerBuffer("n", tensor(0));
    module.loadStateDict({ n: tensor([5]) });
    expect(module.getBuffer("n").item()).toBe(5);
  });
});

describe("printing", () => {
  it.each<[nn.Module, string]>([
    [
      new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2, { bias: false })),
      `Sequential(
  (0): Linear(inFeatures=3, outFeatures=4, bias=true)
  (1): ReLU()
  (2): Linear(inFeatures=4, outFeatures=2, bias=false)
)`,
    ],
    [
      new Net(),
      `Net(
  (first): Block(
    (fc): Linear(inFeatures=2, outFeatures=2, bias=true)
  )
  (shared): Linear(inFeatures=2, outFeatures=2, bias=true)
  (act): Tanh()
)`,
    ],
    [new nn.LSTM(3, 4, { numLayers: 2, batchFirst: true }), "LSTM(3, 4, numLayers=2, batchFirst=true)"],
    [
      new nn.GRU(3, 4, { bias: false, dropout: 0.5, bidirectional: true }),
      "GRU(3, 4, bias=false, dropout=0.5, bidirectional=true)",
    ],
    [new nn.RNNCell(3, 4, false, "relu"), "RNNCell(3, 4, bias=false, nonlinearity=relu)"],
    [new nn.BatchNorm2d(5), "BatchNorm2d(5, eps=1e-05, momentum=0.1, affine=true, trackRunningStats=true)"],
    [new nn.LayerNorm(8), "LayerNorm((8,), eps=1e-05, elementwiseAffine=true)"],
    [new nn.LayerNorm([3, 4], 0.5, false), "LayerNorm((3, 4), eps=0.5, elementwiseAffine=false)"],
    [new nn.Embedding(5, 3, { paddingIdx: 0 }), "Embedding(5, 3, paddingIdx=0)"],
    [new nn.Dropout(0.3), "Dropout(p=0.3, inplace=false)"],
    [new nn.Bilinear(1, 2, 3), "Bilinear(in1Features=1, in2Features=2, outFeatures=3, bias=true)"],
    [new nn.ReLU({ inplace: true }), "ReLU(inplace=true)"],
    [new nn.ELU(), "ELU(alpha=1.0)"],
    [new nn.LeakyReLU(0.2, true), "LeakyReLU(negativeSlope=0.2, inplace=true)"],
    [new nn.Hardtanh(), "Hardtanh(minVal=-1.0, maxVal=1.0)"],
    [new nn.GELU(), "GELU(approximate='none')"],
    [new nn.Softplus(), "Softplus(beta=1, threshold=20)"],
    [new nn.Softmax(1), "Softmax(dim=1)"],
    [new nn.LogSoftmax(), "LogSoftmax(dim=null)"],
    [new nn.CrossEntropyLoss(), "CrossEntropyLoss()"],
    [
      new nn.ParameterList([ones(2, 3), ones(4)]),
      `ParameterList(
    (0): Parameter containing: [float32 of size 2x3]
    (1): Parameter containing: [float32 of size 4]
)`,
    ],
  ])("%#", (module, text) => {
    expect(String(module)).toBe(text);
  });
});
